#!/bin/sh
# Makes the app registration whose app roles operators have: infra/operators/create.sh NAME HOST [APP_ID]
# Needs the Azure CLI, signed in as Application Administrator. Prints OPERATORS_AUDIENCE. Each step is done where it is missing, so running it
# again completes what stopped halfway. It takes over the registration that APP_ID names or one of this name that you own, and no other: whoever
# made another of the same name would decide who gives orders. (An Application Administrator does not become the owner of what they make:
# Entra docs, Microsoft Entra built-in roles. It is not made one here either: that would outlive the role.)
set -eu
case "$#:${1-}" in 2:[!-]* | 3:[!-]*) ;; *)
  echo "usage: $0 NAME HOST [APP_ID] (the deployment's name, its output NOTIFICATION_HOST, the registration that is there already)" >&2
  exit 2 ;;
esac
name="pim-cutoff operators $1"
callback="https://$2/.auth/login/aad/callback"
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../azure.sh"
graph=$(azure cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}/v1.0
# So that the Azure CLI can get an operator a token for the app.
scope=3a5d6a0e-2f5b-4c0d-9a44-6f0f5f1c7b00
azureCli=04b07795-8ddb-461a-bbee-02f9e1bf7b46
# So that an automation's access token says that it is one: the app refuses ID tokens, which have the same audience and roles.
claims='"optionalClaims": { "accessToken": [{ "name": "idtyp" }] }'

change() { # METHOD URL BODY
  azure rest --method "$1" --url "$2" --headers 'Content-Type=application/json' --output none --body "$3"
}

app=${3:-$(azure ad app list --show-mine --query "[?displayName=='$name'].appId" --output tsv)}
if [ -z "$app" ]; then
  others=$(azure ad app list --filter "displayName eq '$name'" --query '[].appId' --output tsv)
  if [ -n "$others" ]; then
    echo "There is an app registration \"$name\" that you do not own: $others" >&2
    echo "Look in Entra who made it. If it is this deployment's, run: $0 $1 $2 APP_ID. If not, its maker must not decide who your operators are: use another NAME." >&2
    exit 1
  fi
  app=$(azure rest --method post --url "$graph/applications" --headers 'Content-Type=application/json' --query appId --output tsv --body "{
    \"displayName\": \"$name\", \"signInAudience\": \"AzureADMyOrg\", \"appRoles\": $(cat "$here/app-roles.json"),
    \"web\": { \"redirectUris\": [\"$callback\"], \"implicitGrantSettings\": { \"enableIdTokenIssuance\": true } },
    \"api\": { \"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [{ \"id\": \"$scope\", \"value\": \"operate\", \"type\": \"Admin\",
      \"isEnabled\": true, \"adminConsentDisplayName\": \"Call pim-cutoff\", \"adminConsentDescription\": \"Call pim-cutoff as an operator\" }] } }")
  echo "The app registration $app was made." >&2
elif [ "$(printf '%s\n' "$app" | wc -l)" -gt 1 ]; then
  echo "You own several app registrations \"$name\". Say which: $0 $1 $2 APP_ID" >&2
  printf '%s\n' "$app" >&2
  exit 1
fi
registration="$graph/applications(appId='$app')"
has=$(azure rest --method get --url "$registration" --query '[identifierUris, appRoles[].value, api.preAuthorizedApplications[].appId, web.redirectUris, optionalClaims.accessToken[].name]' --output json)
case $has in
  *'"Cutoff.Operate"'*) ;;
  *) echo "The app registration $app does not have the role Cutoff.Operate: it is another app's." >&2; exit 1 ;;
esac
trap '[ $? -eq 0 ] || echo "It stopped halfway. To go on: $0 $1 $2 $app" >&2' EXIT
case $has in *"\"api://$app\""*) ;; *) change patch "$registration" "{ \"identifierUris\": [\"api://$app\"] }" ;; esac
case $has in *"\"$callback\""*) ;; *) change patch "$registration" "{ \"web\": { \"redirectUris\": [\"$callback\"] } }" ;; esac
case $has in
  *"\"$azureCli\""*) ;;
  *) change patch "$registration" "{ \"api\": { \"preAuthorizedApplications\": [{ \"appId\": \"$azureCli\", \"delegatedPermissionIds\": [\"$scope\"] }] } }" ;;
esac
case $has in *'"idtyp"'*) ;; *) change patch "$registration" "{ $claims }" ;; esac
# Whoever has no role gets no token at all.
case $(azure ad sp list --filter "appId eq '$app'" --query '[].appRoleAssignmentRequired' --output tsv) in
  '') change post "$graph/servicePrincipals" "{ \"appId\": \"$app\", \"appRoleAssignmentRequired\": true }" ;;
  [Tt]rue) ;;
  *) change patch "$graph/servicePrincipals(appId='$app')" '{ "appRoleAssignmentRequired": true }' ;;
esac
echo "Give its roles to groups in Entra: Enterprise applications, $name, Users and groups." >&2
echo "OPERATORS_AUDIENCE=$app"
