#!/bin/sh
# Gives an identity what an app needs that only reports, on a machine that Graph cannot reach (npm run try): infra/graph-permissions/grant-reads.sh PRINCIPAL_ID
set -eu
case "$#:${1-}" in 1:[!-]*) ;; *) echo "usage: $0 PRINCIPAL_ID (of the service principal)" >&2; exit 2 ;; esac
CUTOFF_MODE=reportOnly GRAPH_SUBSCRIPTIONS=off exec "$(dirname "$0")/grant.sh" "$1"
