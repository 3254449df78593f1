#!/bin/sh
# Makes the app's one secret in Key Vault, once: infra/create-secret.sh VAULT. Needs the Azure CLI and Key Vault Secrets Officer on the vault.
# A secret that is there already is left alone: a new one would break the seals of all stored rows (docs/deploy.md has the rotation).
set -eu
case "${1-}" in -*) echo "usage: $0 VAULT" >&2; exit 2 ;; esac
. "$(dirname "$0")/azure.sh"
vault=${1:-${AZURE_KEY_VAULT:?usage: $0 VAULT}}
found=$(azure_in_subscription keyvault secret list --vault-name "$vault" --query "[?name=='cutoff-secret'].name" --output tsv)
if [ -n "$found" ]; then
  echo "The secret cutoff-secret is there already; nothing was changed."
  exit 0
fi
file=$(mktemp)
trap 'rm -f "$file"' EXIT
# From a file, so that it stands in no process list.
openssl rand -base64 48 | tr -d '\n' >"$file"
azure_in_subscription keyvault secret set --vault-name "$vault" --name cutoff-secret --file "$file" --output none
echo "The secret cutoff-secret was made."
