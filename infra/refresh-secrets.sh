#!/bin/sh
# Makes the app read its secrets from Key Vault again, and waits until it has: infra/refresh-secrets.sh RESOURCE_GROUP APP
# Needs the Azure CLI and Website Contributor on the app. App Service remembers for 24 hours what a reference led to, also when that was
# nothing, as before the secret was made (App Service docs: Use Key Vault references as app settings). The app answers 503 meanwhile.
set -eu
case "${1-}" in -*) echo "usage: $0 RESOURCE_GROUP APP" >&2; exit 2 ;; esac
. "$(dirname "$0")/azure.sh"
group=${1:-${AZURE_RESOURCE_GROUP:?usage: $0 RESOURCE_GROUP APP}}
app=${2:-${AZURE_FUNCTION_APP:?usage: $0 RESOURCE_GROUP APP}}
arm=$(azure cloud show --query endpoints.resourceManager --output tsv)
id=$(azure_in_subscription functionapp show --resource-group "$group" --name "$app" --query id --output tsv)
references="${arm%/}$id/config/configreferences/appsettings"
version='api-version=2022-03-01'
tries=0
while :; do
  azure rest --method post --url "$references/refresh?$version" --output none
  states=$(azure rest --method get --url "$references?$version" --query 'value[].[name, properties.status, properties.details]' --output tsv)
  waiting=$(printf '%s\n' "$states" | awk -F '\t' '$1 != "" && $2 != "Resolved"')
  if [ -n "$states" ] && [ -z "$waiting" ]; then
    echo "The app has read its secrets from Key Vault."
    exit 0
  fi
  tries=$((tries + 1))
  echo "Not read from Key Vault yet: ${waiting:-what App Service does not list yet}" >&2
  if [ "$tries" -ge 40 ]; then
    echo "Given up after ten minutes. SecretNotFound: is it in the vault? AccessToKeyVaultDenied: may the app's identity read it? (docs/deploy.md, When it does not work)" >&2
    exit 1
  fi
  sleep 15
done
