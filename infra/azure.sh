# shellcheck shell=sh
# For the scripts beside it, which source it: `azure ...` is `az ...`, repeated while Azure has not taken in yet what was just made or granted.
# A new role works after up to ten minutes (Azure docs: Troubleshoot Azure RBAC), a new object in Entra is found after some
# (Graph docs: Known issues, replication), and an app that restarts for its new settings takes no package. Any other error ends the script
# with what Azure said. Standard output is the CLI's own.
azure() {
  azure_tries=0
  azure_errors=$(mktemp)
  while ! az "$@" 2>"$azure_errors"; do
    azure_tries=$((azure_tries + 1))
    if ! grep -Eq "$azure_passing" "$azure_errors" || [ "$azure_tries" -ge 40 ]; then
      cat "$azure_errors" >&2
      if grep -Eq 'ForbiddenByConnection|ForbiddenByFirewall|[Pp]ublic network access is disabled' "$azure_errors"; then
        echo "This machine is not in the app's network, and nothing else is let in: run it there (docs/deploy.md, Private)." >&2
      fi
      rm -f "$azure_errors"
      return 1
    fi
    [ "$azure_tries" -ne 1 ] || cat "$azure_errors" >&2
    echo "Azure has not taken it in yet: once more in 15 seconds, for ten minutes at most." >&2
    sleep 15
  done
  rm -f "$azure_errors"
}
# A role that is on its way; an object or the properties it refers to, that are on their way; something else under way; too many calls; Azure itself.
azure_passing='ForbiddenByRbac|AuthorizationFailed|Request_ResourceNotFound|reference-property objects are not present|does not reference a valid application object|[Oo]peration is in progress|DeploymentInProgress|ongoing deployment|TooManyRequests|Too Many Requests|ServiceUnavailable|Service Unavailable|GatewayTimeout'

# The subscription of azd, whatever the Azure CLI is set to.
azure_in_subscription() {
  azure "$@" ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"}
}
