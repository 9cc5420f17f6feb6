#!/usr/bin/env bash
# Signs in with a certified OpenID provider (oidc-provider), started on a free port and stopped whatever happens.
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
need_sso
cd "$REPO"
cargo test --locked -p sso --test certified --no-run

PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# Characters that the header has to carry encoded.
export OIDC_CLIENT_ID='roster/ci' OIDC_CLIENT_SECRET='a secret: with+odd%characters~' \
    OIDC_REDIRECT_URI=https://roster.example/v1/sso/google/callback
finish() { python3 "$REPO/.ci/serve.py" stop sso "$PORT"; }
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
python3 "$REPO/.ci/serve.py" start sso "$PORT" --ready /.well-known/openid-configuration -- \
    node "$REPO/.ci/sso/provider.mjs" "$PORT" "$OIDC_CLIENT_ID" "$OIDC_CLIENT_SECRET" "$OIDC_REDIRECT_URI"
OIDC_ISSUER=http://127.0.0.1:$PORT timeout --kill-after=10 120 cargo test --locked -p sso --test certified
