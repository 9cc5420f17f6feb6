#!/usr/bin/env bash
# Takes payments through localstripe, started on a free port and stopped whatever happens.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
cd "$REPO"
need_localstripe
cargo test --locked -p payments -p acceptance --test localstripe --test it --no-run

stop_stripe() { [ -z "${STRIPE_PORT:-}" ] || python3 "$REPO/.ci/serve.py" stop stripe "$STRIPE_PORT"; }
trap stop_stripe EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
STRIPE_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 "$REPO/.ci/serve.py" start stripe "$STRIPE_PORT" -- "$LOCALSTRIPE_PYTHON" "$REPO/.ci/stripe_server.py" "$STRIPE_PORT"
export STRIPE_API=http://127.0.0.1:$STRIPE_PORT STRIPE_SECRET_KEY=sk_test_local STRIPE_WEBHOOK_SECRET=whsec_local
timeout --kill-after=10 120 cargo test --locked -p payments --test localstripe
timeout --kill-after=10 300 cargo test --locked -p acceptance --test it -- stripe::
