#!/usr/bin/env bash
# A second opinion on DynamoDB, its streams and EventBridge: localstack.sh start|stop     PORT (4567)
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
PORT=${PORT:-4567}

case ${1:-} in
start)
    need_localstack
    mkdir -p "$TOOLS/tmp/localstack-$PORT"
    unset "${!AWS_@}"
    # The mapped address makes its server bind loopback alone. Nothing is fetched from or told to the outside.
    export OVERRIDE_IN_DOCKER=0 FILESYSTEM_ROOT=$LOCALSTACK_ROOT GATEWAY_LISTEN="[::ffff:127.0.0.1]:$PORT" \
        SKIP_SSL_CERT_DOWNLOAD=1 DISABLE_EVENTS=1 DNS_ADDRESS=0 DYNAMODB_IN_MEMORY=1 PROVIDER_OVERRIDE_DYNAMODB=v2 \
        TMPDIR=$TOOLS/tmp/localstack-$PORT
    python3 "$REPO/.ci/serve.py" start localstack "$PORT" --ready /_localstack/health -- \
        "$LOCALSTACK_PYTHON" -m localstack.runtime.main
    ;;
stop)
    python3 "$REPO/.ci/serve.py" stop localstack "$PORT"
    rm -rf "$TOOLS/tmp/localstack-$PORT"
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
