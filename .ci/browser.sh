#!/usr/bin/env bash
# The pages that mails lead to, in chromium, on a local cloud that is started for the run and stopped whatever happens.
#   SCREENSHOTS=FOLDER .ci/browser.sh    keeps a picture of every page that was read, narrow and wide
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
need_chromium
need_browser
cd "$REPO"
cargo build --locked -p local

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
run=
finish() {
    [ -z "$run" ] || kill "$run" 2>/dev/null || true
    python3 "$REPO/.ci/serve.py" stop roster "$PORT"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
python3 "$REPO/.ci/serve.py" start roster "$PORT" --ready /_local/health -- \
    "${CARGO_TARGET_DIR:-target}/debug/local" --memory --port "$PORT"

# In the background, since bash heeds no signal while it waits for a command in the foreground. The browser's profile goes
# into .tools/, and the browser with its pipe, even where node is killed.
BASE_URL=http://127.0.0.1:$PORT TMPDIR=$TOOLS/tmp timeout --kill-after=10 420 \
    node --test-reporter=spec "$REPO/.ci/browser/main.mjs" &
run=$!
wait "$run" || { status=$?; [ $status != 124 ] || echo "the pages did not end within 420 s" >&2; exit $status; }
run=
