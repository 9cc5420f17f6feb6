#!/usr/bin/env bash
# Checks template.yaml against SAM and CloudFormation's schemas, without AWS: sam-validate.sh [TEMPLATE]
set -euo pipefail
# shellcheck source=.ci/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"
need_sam
# A region is needed, credentials are not. A home of its own keeps the caller's settings out and sam's notes in here.
unset "${!AWS_@}"
mkdir -p "$TOOLS/tmp/sam"
HOME=$TOOLS/tmp/sam SAM_CLI_TELEMETRY=0 SAM_CLI_CHECK_VERSION=false AWS_DEFAULT_REGION=eu-central-1 \
    "$SAM" validate --lint --template-file "${1:-$REPO/template.yaml}"
