#!/bin/sh
# Gives the app's identity its Graph permissions: infra/graph-permissions/grant.sh PRINCIPAL_ID
# Needs the Azure CLI, signed in as Privileged Role Administrator. Running it again does no harm; it takes nothing away.
# WITHOUT=NAME leaves one out: an app that only reports needs no User.RevokeSessions.All.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 PRINCIPAL_ID (the output AZURE_IDENTITY_PRINCIPAL_ID of the deployment)" >&2; exit 2; }
principal=$1
here=$(cd "$(dirname "$0")" && pwd)
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}
resource=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
granted=$(az rest --method get --url "$graph/v1.0/servicePrincipals/$principal/appRoleAssignments" --query 'value[].appRoleId' --output tsv)

sed -n 's/.*"name": "\([^"]*\)", "appRoleId": "\([^"]*\)".*/\1 \2/p' "$here/permissions.json" | while read -r name role; do
  if [ "$name" = "${WITHOUT:-}" ]; then echo "left out $name"; continue; fi
  case " $(echo "$granted" | tr '\n' ' ') " in
    *" $role "*) echo "has      $name" ;;
    *)
      az rest --method post --url "$graph/v1.0/servicePrincipals/$resource/appRoleAssignedTo" --headers 'Content-Type=application/json' \
        --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}" --output none
      echo "granted  $name" ;;
  esac
done
