# shellcheck shell=bash
# The certified OpenID provider of provider.mjs. Source this file after tools.sh:
#
#   start_provider  starts it on a free port, and exports OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_REDIRECT_URI
#   stop_provider   ends it

start_provider() {
    need_sso || return
    OIDC_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # Characters that the header has to carry encoded.
    export OIDC_CLIENT_ID='roster/ci' OIDC_CLIENT_SECRET='a secret: with+odd%characters~' \
        OIDC_REDIRECT_URI=https://roster.example/v1/sso/google/callback OIDC_ISSUER=http://127.0.0.1:$OIDC_PORT
    python3 "$REPO/.ci/serve.py" start sso "$OIDC_PORT" --ready /.well-known/openid-configuration -- \
        node "$REPO/.ci/sso/provider.mjs" "$OIDC_PORT" "$OIDC_CLIENT_ID" "$OIDC_CLIENT_SECRET" "$OIDC_REDIRECT_URI"
}

stop_provider() {
    [ -z "${OIDC_PORT:-}" ] || python3 "$REPO/.ci/serve.py" stop sso "$OIDC_PORT"
}
