#!/bin/sh
# Gives the app's identity its Graph permissions: infra/graph-permissions/grant.sh PRINCIPAL_ID
# Needs the Azure CLI, signed in as Privileged Role Administrator. Running it again does no harm; it takes nothing away.
# Which ones depends on three of the app's settings, if they are set here: CUTOFF_MODE (enforce, unless set), GRAPH_SUBSCRIPTIONS, WATCHED_GROUPS.
set -eu
case "$#:${1-}" in 1:[!-]*) ;; *) echo "usage: $0 PRINCIPAL_ID (the output AZURE_IDENTITY_PRINCIPAL_ID of the deployment)" >&2; exit 2 ;; esac
principal=$1
conditions=always
[ "${CUTOFF_MODE:-enforce}" != enforce ] || conditions="$conditions revoking"
if [ "${WATCHED_GROUPS:-auto}" = none ]; then conditions="$conditions noSubscriptions"
elif [ "${GRAPH_SUBSCRIPTIONS:-on}" = off ]; then conditions="$conditions groups noSubscriptions"
else conditions="$conditions groups subscriptions"; fi
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../azure.sh"
graph=$(azure cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}
resource=$(azure ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
granted=$(azure rest --method get --url "$graph/v1.0/servicePrincipals/$principal/appRoleAssignments" --query 'value[].appRoleId' --output tsv)

needed() { case " $conditions " in *" $1 "*) true ;; *) false ;; esac; }
held() { case " $(echo "$granted" | tr '\n' ' ') " in *" $1 "*) true ;; *) false ;; esac; }

tr -d '\n' < "$here/permissions.json" | tr '}' '\n' |
  sed -n 's/.*"name": "\([^"]*\)", *"appRoleId": "\([^"]*\)", *"when": "\([^"]*\)".*/\1 \2 \3/p' | while read -r name role when; do
  if ! needed "$when"; then
    if held "$role"; then echo "has, and does not need, $name: take it away in the Entra admin center"; else echo "left out $name"; fi
  elif held "$role"; then echo "has      $name"
  else
    azure rest --method post --url "$graph/v1.0/servicePrincipals/$resource/appRoleAssignedTo" --headers 'Content-Type=application/json' \
      --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}" --output none
    echo "granted  $name"
  fi
done
