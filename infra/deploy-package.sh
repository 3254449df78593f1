#!/bin/sh
# Builds the app's package from what is checked out here, and deploys it: infra/deploy-package.sh RESOURCE_GROUP APP
# Needs Node 20 or later and the Azure CLI, and Website Contributor on the app.
set -eu
cd "$(dirname "$0")/.."
. infra/azure.sh
group=${1:-${AZURE_RESOURCE_GROUP:?usage: $0 RESOURCE_GROUP APP}}
app=${2:-${AZURE_FUNCTION_APP:?usage: $0 RESOURCE_GROUP APP}}
echo "Deploying $(git describe --tags --always --dirty 2>/dev/null || echo 'a copy without a history') to $app."
npm run package
azure_in_subscription functionapp deployment source config-zip --resource-group "$group" --name "$app" --src local/out/pim-cutoff.zip --output none
echo "Deployed. GET /api/live answers 200 once the app's settings are good."
