#!/usr/bin/env bash
# The cloud that template.yaml is deployed to: ministack.sh start|stop     PORT (4566), AUTH (true: policies are enforced)
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
PORT=${PORT:-4566}
HOME_OF_IT=$TOOLS/tmp/ministack-$PORT

case ${1:-} in
start)
    need_ministack
    rm -rf "$HOME_OF_IT"
    mkdir -p "$HOME_OF_IT/tmp"
    # AWS_ENDPOINT_URL is what the functions see. The caller's own AWS settings stay outside.
    unset "${!AWS_@}"
    export BIND_HOST=127.0.0.1 GATEWAY_PORT=$PORT AWS_ENDPOINT_URL=http://127.0.0.1:$PORT MINISTACK_REGION=eu-central-1 \
        IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 AUTH=${AUTH:-true} TMPDIR=$HOME_OF_IT/tmp STATE_DIR=$HOME_OF_IT/state S3_DATA_DIR=$HOME_OF_IT/s3
    cd "$HOME_OF_IT"
    python3 "$REPO/.ci/serve.py" start ministack "$PORT" --ready /_ministack/ready -- "$MINISTACK"
    ;;
stop)
    python3 "$REPO/.ci/serve.py" stop ministack "$PORT"
    rm -rf "$HOME_OF_IT"
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
