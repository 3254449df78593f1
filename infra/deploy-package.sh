#!/bin/sh
# Builds the app's package and deploys it: infra/deploy-package.sh RESOURCE_GROUP APP. Needs Node 20 or later and the Azure CLI.
set -eu
group=${1:-${AZURE_RESOURCE_GROUP:?usage: $0 RESOURCE_GROUP APP}}
app=${2:-${AZURE_FUNCTION_APP:?usage: $0 RESOURCE_GROUP APP}}
cd "$(dirname "$0")/.."
npm run package
az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src local/out/pim-cutoff.zip --output none
echo "Deployed to $app. GET /api/live answers 200 once its settings are good."
