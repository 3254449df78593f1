#!/bin/sh
# Prints the outputs of a deployment, for the shell: eval "$(infra/outputs.sh DEPLOYMENT)". Needs the Azure CLI and Node.
# Azure Resource Manager changes the case of their names (azurE_KEY_VAULT); ours are all upper case.
set -eu
case "$#:${1-}" in 1:[!-]*) ;; *) echo "usage: $0 DEPLOYMENT (its name, as in az deployment sub create --name)" >&2; exit 2 ;; esac
outputs=$(az deployment sub show --name "$1" --query properties.outputs --output json)
# shellcheck disable=SC2016 # what follows is JavaScript
node -e '
for (const [name, { value }] of Object.entries(JSON.parse(process.argv[1]))) {
  console.log(`${name.toUpperCase()}="${String(value).replace(/[\\"$`]/g, "\\$&")}"`);
}' "$outputs"
