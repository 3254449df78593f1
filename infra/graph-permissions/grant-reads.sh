#!/bin/sh
# Gives an identity what an app needs that only reports, so all but the permission to revoke: infra/graph-permissions/grant-reads.sh PRINCIPAL_ID
set -eu
[ $# -eq 1 ] || { echo "usage: $0 PRINCIPAL_ID (of the service principal)" >&2; exit 2; }
WITHOUT=User.RevokeSessions.All exec "$(dirname "$0")/grant.sh" "$1"
