#!/bin/sh
# Builds the app's package from what is checked out here, and deploys it: infra/deploy-package.sh RESOURCE_GROUP APP [PACKAGE]
# A PACKAGE that is there already, such as a release's, is deployed as it is. Needs the Azure CLI, Website Contributor on the app, and for
# building Node 22.18 or later.
set -eu
case "${1-}" in -*) echo "usage: $0 RESOURCE_GROUP APP [PACKAGE]" >&2; exit 2 ;; esac
cd "$(dirname "$0")/.."
. infra/azure.sh
group=${1:-${AZURE_RESOURCE_GROUP:?usage: $0 RESOURCE_GROUP APP [PACKAGE]}}
app=${2:-${AZURE_FUNCTION_APP:?usage: $0 RESOURCE_GROUP APP [PACKAGE]}}
package=${3:-local/out/pim-cutoff.zip}
if [ $# -ge 3 ]; then
  [ -f "$package" ] || { echo "There is no package $package." >&2; exit 2; }
  echo "Deploying the package $package to $app."
else
  echo "Deploying $(git describe --tags --always --dirty 2>/dev/null || echo 'a copy without a history') to $app."
  npm run package
fi
# A row in the activity log, by which the rule package-written knows this deployment. It changes nothing: Azure reads anew which triggers there are. Also
# a refusal leaves a row, so it is not repeated: an app without a package may refuse.
az resource invoke-action --action syncfunctiontriggers --resource-group "$group" --name "$app" --resource-type Microsoft.Web/sites \
  ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --output none >/dev/null 2>&1 ||
  echo "Azure refused to announce the deployment in the activity log. It goes on; the rule package-written may report it."
azure_in_subscription functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$package" --output none
echo "Deployed. GET /api/live answers 200 once the app's settings are good."
