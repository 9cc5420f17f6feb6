#!/usr/bin/env bash
# Builds the binaries that deployed.sh and rie.py run: target/ci/functions and target/ci/worker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo build --profile ci -p functions -p worker
