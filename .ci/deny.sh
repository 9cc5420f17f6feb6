#!/usr/bin/env bash
# Licences, banned and doubled crates and their sources, by deny.toml; known vulnerabilities where their list can be had.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
need_cargo_deny
cd "$REPO"
# Offline it has to find the crates of every platform.
cargo fetch --locked --quiet
"$CARGO_DENY" --locked --offline check licenses bans sources
if timeout 60 "$CARGO_DENY" --locked fetch db >"$TOOLS/log/advisories.log" 2>&1; then
    "$CARGO_DENY" --locked check advisories
else
    echo "the list of known vulnerabilities is not reachable from here: not checked"
fi
