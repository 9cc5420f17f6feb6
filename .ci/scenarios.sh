#!/usr/bin/env bash
# The scenarios against another DynamoDB than the embedded one: scenarios.sh dynamodb-local|localstack
# It starts a fresh server on a free port and stops it whatever happens: engines grow slow with the tables of past runs.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
server=${1:-}
# Both are some hundred times slower than the embedded engine: the stories of the five products and the races run there,
# which use every kind of call, and on the first, on which LocalStack stands, some more.
stories=(boards lead_tracker main_job partner_portal retail_crm work_platform races)
case $server in
    dynamodb-local) need_dynamodb_local && parts=("${stories[@]}" imports customers acting lessons licenses plans invoices) ;;
    localstack) need_localstack && parts=("${stories[@]}") ;;
    *) sed -n '2s/^# //p' "$0" >&2 && exit 2 ;;
esac
cd "$REPO"
# Built first, so that the time below is the scenarios' own.
cargo test --locked -p acceptance --test it --no-run

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PORT
run=
finish() {
    [ -z "$run" ] || kill "$run" 2>/dev/null || true
    bash "$REPO/.ci/$server.sh" stop
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
bash "$REPO/.ci/$server.sh" start

unset "${!AWS_@}"
# What needs hundreds of rows is left to the embedded engine: the same calls, a hundred times slower here.
# In the background, since bash heeds no signal while it waits for a command in the foreground.
AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:$PORT AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
    AWS_REGION=us-east-1 timeout --kill-after=10 1200 cargo test --locked -p acceptance --test it -- \
    "${parts[@]}" \
    --skip hundred --skip access_ends --skip who_leaves_while &
run=$!
wait "$run" || { status=$?; [ $status != 124 ] || echo "the scenarios did not end within 1200 s" >&2; exit $status; }
run=
