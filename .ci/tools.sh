# shellcheck shell=bash
# The tools of the gate. Source this file, then call need_<tool>:
#
#   need_sam             $SAM                the sam command
#   need_rie             $RIE                AWS's Lambda Runtime Interface Emulator, which the sam package brings along
#   need_ministack       $MINISTACK          the server; $MINISTACK_PYTHON is a Python with boto3 and PyYAML
#   need_dynamodb_local  $DYNAMODB_LOCAL     the folder of DynamoDBLocal.jar
#   need_localstack      $LOCALSTACK_PYTHON  its Python; $LOCALSTACK_ROOT is the file system it runs on
#   need_sso             $SSO_MODULES        the folder of an OpenID provider's node_modules
#   need_localstripe     $LOCALSTRIPE_PYTHON its Python
#   need_browser         $BROWSER_MODULES    the folder of Playwright's node_modules, without a browser
#   need_chromium        $CHROMIUM           Debian's browser
#   need_cargo_deny      $CARGO_DENY         the cargo-deny command
#   need_all             all of them
#
# Each installs one pinned tool into .tools/<tool>-<version>/, unless the stamp that is written last is there already, and
# keeps the installer's output in .tools/log/. Everything comes from a package registry by its name; nothing needs Docker.
# The Python tools are pinned with all they depend on in .ci/pins/ (made by `pip freeze` in a fresh environment), those of npm
# in package-lock.json of .ci/sso/ and .ci/browser/ (made with --omit-lockfile-registry-resolved).

SAM_VERSION=1.170.0
MINISTACK_VERSION=1.5.33
LOCALSTACK_VERSION=2026.3.0
DYNAMODB_SIMULATOR_VERSION=2.9.30
CARGO_DENY_VERSION=0.20.2
OIDC_PROVIDER_VERSION=9.13.3
LOCALSTRIPE_VERSION=1.15.10
PLAYWRIGHT_VERSION=1.65.1

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$REPO/.tools
PINS=$REPO/.ci/pins
mkdir -p "$TOOLS/log" "$TOOLS/run" "$TOOLS/tmp"

# tool NAME VERSION: runs install_NAME FOLDER once for each version, also when two scripts ask at the same time.
# The stamp carries a checksum of this file's pins, so that a changed pin installs anew.
tool() {
    local name=$1 version=$2 dir=$TOOLS/$1-$2 log=$TOOLS/log/$1.log began=$SECONDS stamp
    stamp=$(cat "$PINS/$name.txt" "$REPO/.ci/$name/package-lock.json" 2>/dev/null | sha256sum | cut -c1-16)
    [ "$(cat "$dir/.installed" 2>/dev/null)" = "$stamp" ] && return 0
    (
        flock 9
        [ "$(cat "$dir/.installed" 2>/dev/null)" = "$stamp" ] && exit 0
        echo "installing $name $version" >&2
        rm -rf "$dir" && mkdir -p "$dir"
        # In a shell of its own: no subshell of one that is asked for its outcome heeds `set -e`, not even in the background.
        if ! bash -c 'set -euo pipefail; source "$1"; "install_$2" "$3"' - "$REPO/.ci/tools.sh" "$name" "$dir" \
            >"$log" 2>&1 </dev/null; then
            echo "could not install $name $version; the end of ${log#"$REPO/"}:" >&2
            tail -n 20 "$log" >&2
            exit 1
        fi
        echo "$stamp" >"$dir/.installed"
        echo "installed $name $version in $((SECONDS - began)) s" >&2
    ) 9>"$TOOLS/log/$name.lock"
}

# python_of MINOR: the interpreter of that version, whether it is on PATH or one of pyenv's.
python_of() {
    local found
    if found=$(command -v "python$1") && "$found" -c 'import ensurepip' 2>/dev/null; then
        echo "$found"
    elif found=$(pyenv versions --bare 2>/dev/null | grep "^$1\." | tail -n 1) && [ -n "$found" ]; then
        echo "$(pyenv prefix "$found")/bin/python3"
    else
        echo "Python $1 is neither on PATH nor one of pyenv's" >&2
        return 1
    fi
}

# environment FOLDER PYTHON PINS: a virtual environment with exactly the pinned packages.
environment() {
    "$2" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --no-deps --requirement "$3"
}

install_sam() { environment "$1" "$(python_of 3.11)" "$PINS/sam.txt"; }
need_sam() {
    tool sam "$SAM_VERSION" || return
    export SAM=$TOOLS/sam-$SAM_VERSION/bin/sam
}

need_rie() {
    need_sam || return
    RIE=$(echo "$TOOLS/sam-$SAM_VERSION"/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64)
    export RIE
}

install_ministack() { environment "$1" "$(python_of 3.11)" "$PINS/ministack.txt"; }
need_ministack() {
    tool ministack "$MINISTACK_VERSION" || return
    export MINISTACK=$TOOLS/ministack-$MINISTACK_VERSION/bin/ministack
    export MINISTACK_PYTHON=$TOOLS/ministack-$MINISTACK_VERSION/bin/python
}

# Amazon's DynamoDBLocal, as that npm package carries it. Its licence lets it be used, not passed on: never commit it.
install_dynamodb_local() {
    cd "$1"
    npm pack --silent "amplify-dynamodb-simulator@$DYNAMODB_SIMULATOR_VERSION"
    tar --extract --gzip --file amplify-dynamodb-simulator-*.tgz --strip-components=2 package/emulator
    rm amplify-dynamodb-simulator-*.tgz
    echo 'Premain-Class: Loopback' >manifest
    javac -d classes -cp "DynamoDBLocal.jar:DynamoDBLocal_lib/*" "$REPO/.ci/Loopback.java"
    jar --create --file loopback.jar --manifest manifest -C classes .
}
need_dynamodb_local() {
    tool dynamodb_local "$DYNAMODB_SIMULATOR_VERSION" || return
    export DYNAMODB_LOCAL=$TOOLS/dynamodb_local-$DYNAMODB_SIMULATOR_VERSION
}

# LocalStack looks for DynamoDBLocal, a JDK and a Java agent in its own file system, and would download what is missing.
# Its own agent only lifts the limit of 20 indexes; ours takes that place. The pins are those of
#   pip install --uploaded-prior-to 2026-04-10T00:00:00Z "localstack-core[runtime]==2026.3.0"      (pip 26 or later)
# because later releases of what it depends on no longer fit it.
install_localstack() {
    local lib=$1/root/var/lib/localstack/lib
    environment "$1" "$(python_of 3.13)" "$PINS/localstack.txt"
    mkdir -p "$lib/dynamodb-local" "$lib/java"
    cp --recursive --link "$DYNAMODB_LOCAL" "$lib/dynamodb-local/2"
    mv "$lib/dynamodb-local/2/loopback.jar" "$lib/dynamodb-local/2/ddb-local-loader-0.1.jar"
    ln -s "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" "$lib/java/21"
}
need_localstack() {
    need_dynamodb_local || return
    tool localstack "$LOCALSTACK_VERSION" || return
    export LOCALSTACK_PYTHON=$TOOLS/localstack-$LOCALSTACK_VERSION/bin/python
    export LOCALSTACK_ROOT=$TOOLS/localstack-$LOCALSTACK_VERSION/root
}

# Exactly what the lock file says, and no script of any package. npm takes a folder behind a link for another package.
locked() {
    cp "$REPO/.ci/$1/package.json" "$REPO/.ci/$1/package-lock.json" "$2"
    npm ci --prefix "$(readlink -f "$2")" --ignore-scripts --no-audit --no-fund
}

install_sso() { locked sso "$1"; }
need_sso() {
    tool sso "$OIDC_PROVIDER_VERSION" || return
    export SSO_MODULES=$TOOLS/sso-$OIDC_PROVIDER_VERSION/node_modules
}

install_localstripe() { environment "$1" "$(python_of 3.11)" "$PINS/localstripe.txt"; }
need_localstripe() {
    tool localstripe "$LOCALSTRIPE_VERSION" || return
    export LOCALSTRIPE_PYTHON=$TOOLS/localstripe-$LOCALSTRIPE_VERSION/bin/python
}

install_browser() { locked browser "$1"; }
need_browser() {
    tool browser "$PLAYWRIGHT_VERSION" || return
    export BROWSER_MODULES=$TOOLS/browser-$PLAYWRIGHT_VERSION/node_modules
}

# Debian's browser: the one that is there, or today's. It cannot be pinned, since each security release takes the version
# before it off the mirrors; the pages have to work in whatever browser people have today anyway.
# Who is not root unpacks it with what it lacks, on package lists of his own.
install_chromium() {
    local own apt=(apt-get -o DPkg::Lock::Timeout=300) missing
    if [ "$(id -u)" = 0 ]; then
        "${apt[@]}" update
        DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --yes --no-install-recommends chromium
        ln -s "$(command -v chromium)" "$1/chromium"
        return
    fi
    own=$(readlink -f "$1")
    mkdir -p "$own/lists/partial" "$own/archives/partial"
    apt=(apt-get -o "Dir::State::lists=$own/lists" -o "Dir::Cache=$own" -o Debug::NoLocking=1)
    "${apt[@]}" update
    missing=$("${apt[@]}" install --simulate --no-install-recommends chromium | sed -n 's/^Inst \([^ ]*\).*/\1/p')
    cd "$own/archives"
    # shellcheck disable=SC2086 # names, one word each
    "${apt[@]}" download $missing
    for package in *.deb; do dpkg-deb --extract "$package" "$own"; done
    rm -rf "$own/lists" "$own/archives"
    cat >"$own/chromium" <<END
#!/bin/sh
export LD_LIBRARY_PATH=$own/usr/lib/$(gcc -dumpmachine 2>/dev/null || echo "$(uname -m)-linux-gnu")
[ ! -d $own/etc/fonts ] || export FONTCONFIG_PATH=$own/etc/fonts XDG_DATA_HOME=$own/usr/share
exec $own/usr/lib/chromium/chromium "\$@"
END
    chmod +x "$own/chromium"
}
need_chromium() {
    if ! CHROMIUM=$(command -v chromium); then
        tool chromium debian || return
        CHROMIUM=$TOOLS/chromium-debian/chromium
    fi
    export CHROMIUM
}

# Built without optimisation: it checks one workspace in a second, and the build takes a quarter of the time.
install_cargo_deny() {
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install --locked --root "$1" --target-dir "$1/target" "cargo-deny@$CARGO_DENY_VERSION"
    rm -rf "$1/target"
}
need_cargo_deny() {
    tool cargo_deny "$CARGO_DENY_VERSION" || return
    export CARGO_DENY=$TOOLS/cargo_deny-$CARGO_DENY_VERSION/bin/cargo-deny
}

# The compile beside the downloads, the downloads two at a time.
need_all() {
    local failed=0 job jobs=()
    (need_cargo_deny) & jobs+=($!)
    (need_ministack && need_sam) & jobs+=($!)
    (need_localstack && need_sso && need_localstripe && need_browser && need_chromium) & jobs+=($!)
    for job in "${jobs[@]}"; do wait "$job" || failed=1; done
    [ "$failed" = 0 ] && need_rie && need_ministack && need_localstack && need_sso && need_localstripe &&
        need_browser && need_chromium &&
        need_cargo_deny
}

# As a command: `bash .ci/tools.sh ministack sam` installs those, without a name all of them.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    for name in "${@:-all}"; do "need_$name" || exit 1; done
fi
