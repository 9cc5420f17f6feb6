#!/usr/bin/env bash
# Deploys the compiled functions with template.yaml to a local AWS and plays the main job, credentials, pictures and people through it:
#   deployed.sh FUNCTIONS WORKER [--parameter KEY=VALUE]...     PORT (4566)
# FUNCTIONS and WORKER are the binaries, or zips with them as `bootstrap`.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
# shellcheck source=.ci/sso/provider.sh
source "$REPO/.ci/sso/provider.sh"
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
export PORT=${PORT:-4566}
functions=$1 worker=$2
shift 2

need_ministack
finish() {
    bash "$REPO/.ci/ministack.sh" stop
    stop_provider
}
trap finish EXIT
bash "$REPO/.ci/ministack.sh" start
start_provider
"$MINISTACK_PYTHON" "$REPO/.ci/deployed.py" --endpoint "http://127.0.0.1:$PORT" \
    --functions-zip "$functions" --worker-zip "$worker" "$@"
