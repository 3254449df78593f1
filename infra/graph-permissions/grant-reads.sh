#!/bin/sh
# Gives an identity what an app needs that only reports, on a machine that Graph cannot reach (npm run try): infra/graph-permissions/grant-reads.sh PRINCIPAL_ID
set -eu
[ $# -eq 1 ] || { echo "usage: $0 PRINCIPAL_ID (of the service principal)" >&2; exit 2; }
CUTOFF_MODE=reportOnly GRAPH_SUBSCRIPTIONS=off exec "$(dirname "$0")/grant.sh" "$1"
