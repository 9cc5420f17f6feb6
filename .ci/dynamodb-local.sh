#!/usr/bin/env bash
# Amazon's own DynamoDB engine, in memory: dynamodb-local.sh start|stop     PORT (8000)
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
PORT=${PORT:-8000}

case ${1:-} in
start)
    need_dynamodb_local
    cd "$DYNAMODB_LOCAL"
    python3 "$REPO/.ci/serve.py" start dynamodb-local "$PORT" -- \
        java -javaagent:loopback.jar "-Djava.io.tmpdir=$TOOLS/tmp" -Djava.library.path=./DynamoDBLocal_lib \
        -jar DynamoDBLocal.jar -inMemory -sharedDb -port "$PORT"
    ;;
stop)
    python3 "$REPO/.ci/serve.py" stop dynamodb-local "$PORT"
    ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
