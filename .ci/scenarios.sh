#!/usr/bin/env bash
# The scenarios against another DynamoDB than the embedded one: scenarios.sh dynamodb-local|localstack     PORT
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
server=${1:-}
case $server in
    dynamodb-local) export PORT=${PORT:-8000} && need_dynamodb_local ;;
    localstack) export PORT=${PORT:-4567} && need_localstack ;;
    *) sed -n '2s/^# //p' "$0" >&2 && exit 2 ;;
esac
cd "$REPO"
# Built first, so that the time below is the scenarios' own.
cargo test --locked -p acceptance --test it --no-run
bash "$REPO/.ci/$server.sh" start
trap 'bash "$REPO/.ci/$server.sh" stop' EXIT
AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:$PORT AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
    AWS_REGION=us-east-1 timeout 600 cargo test --locked -p acceptance --test it
