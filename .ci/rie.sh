#!/usr/bin/env bash
# The functions' binary under AWS's own Runtime Interface Emulator. Nothing that is asked there needs the table.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
need_rie
cd "$REPO"
export TABLE_NAME=roster APP_URL=http://127.0.0.1:9 MAIL_FROM=roster@example.com
export SEALING_KEY=only-for-the-emulator-0123456789abcdef AWS_ENDPOINT_URL=http://127.0.0.1:9
python3 .ci/rie.py "${1:-target/ci/functions}"
