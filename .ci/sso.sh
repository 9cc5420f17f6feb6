#!/usr/bin/env bash
# Signs in with a certified OpenID provider (oidc-provider), started on a free port and stopped whatever happens.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
# shellcheck source=.ci/sso/provider.sh
source "$REPO/.ci/sso/provider.sh"
cd "$REPO"
cargo test --locked -p sso --test certified --no-run

trap stop_provider EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_provider
timeout --kill-after=10 120 cargo test --locked -p sso --test certified
