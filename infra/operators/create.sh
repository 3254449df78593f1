#!/bin/sh
# Makes the app registration whose app roles operators have: infra/operators/create.sh NAME HOST
# Needs the Azure CLI, signed in as Application Administrator. One that is there already is left alone. Prints OPERATORS_AUDIENCE.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 NAME HOST (the deployment's name, and its output NOTIFICATION_HOST)" >&2; exit 2; }
name="pim-cutoff operators $1"
here=$(cd "$(dirname "$0")" && pwd)
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}/v1.0
found=$(az ad app list --filter "displayName eq '$name'" --query '[0].appId' --output tsv)
if [ -n "$found" ]; then
  echo "The app registration is there already; nothing was changed." >&2
  echo "OPERATORS_AUDIENCE=$found"
  exit 0
fi
roles=$(cat "$here/app-roles.json")
# So that the Azure CLI can get an operator a token for the app.
scope=3a5d6a0e-2f5b-4c0d-9a44-6f0f5f1c7b00
azureCli=04b07795-8ddb-461a-bbee-02f9e1bf7b46
app=$(az rest --method post --url "$graph/applications" --headers 'Content-Type=application/json' --query appId --output tsv --body "{
  \"displayName\": \"$name\", \"signInAudience\": \"AzureADMyOrg\", \"appRoles\": $roles,
  \"web\": { \"redirectUris\": [\"https://$2/.auth/login/aad/callback\"], \"implicitGrantSettings\": { \"enableIdTokenIssuance\": true } },
  \"api\": { \"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [{ \"id\": \"$scope\", \"value\": \"operate\", \"type\": \"Admin\",
    \"isEnabled\": true, \"adminConsentDisplayName\": \"Call pim-cutoff\", \"adminConsentDescription\": \"Call pim-cutoff as an operator\" }] } }")
az rest --method patch --url "$graph/applications(appId='$app')" --headers 'Content-Type=application/json' --output none --body "{
  \"identifierUris\": [\"api://$app\"],
  \"api\": { \"preAuthorizedApplications\": [{ \"appId\": \"$azureCli\", \"delegatedPermissionIds\": [\"$scope\"] }] } }"
# Whoever has no role gets no token at all.
az rest --method post --url "$graph/servicePrincipals" --headers 'Content-Type=application/json' --output none \
  --body "{ \"appId\": \"$app\", \"appRoleAssignmentRequired\": true }"
echo "The app registration was made. Give its roles to groups in Entra: Enterprise applications, $name, Users and groups." >&2
echo "OPERATORS_AUDIENCE=$app"
