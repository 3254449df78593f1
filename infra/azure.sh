# shellcheck shell=sh
# For the scripts beside it, which source it: `azure ...` is `az ...`, repeated while Azure has not taken in yet what was just made or granted.
# A new role works after up to ten minutes (Azure docs: Troubleshoot Azure RBAC), a new object in Entra is found after some
# (Graph docs: Known issues, replication), and an app that restarts for its new settings takes no package. Any other error ends the script
# with what Azure said. Standard output is the CLI's own.
azure() {
  azure_tries=0
  {
    until azure_said=$(az "$@" 2>&1 1>&3 3>&-); do
      azure_tries=$((azure_tries + 1))
      [ "$azure_tries" -ne 1 ] || printf '%s\n' "$azure_said" >&2
      if ! azure_passes "$azure_said"; then return 1; fi
      if [ "$azure_tries" -ge 40 ]; then
        echo "Given up after ten minutes." >&2
        return 1
      fi
      echo "Azure has not taken it in yet: once more in 15 seconds, for ten minutes at most." >&2
      sleep 15
    done
  } 3>&1
  [ -z "$azure_said" ] || printf '%s\n' "$azure_said" >&2
}

# Whether what Azure said passes by itself.
azure_passes() {
  case $1 in
    # A role that is on its way.
    *ForbiddenByRbac* | *AuthorizationFailed*) ;;
    # An object that is on its way, or what it refers to.
    *Request_ResourceNotFound* | *'reference-property objects are not present'* | *'does not reference a valid application object'*) ;;
    # Something else is under way.
    *'operation is in progress'* | *DeploymentInProgress* | *'ongoing deployment'*) ;;
    *TooManyRequests* | *'Too Many Requests'* | *ServiceUnavailable* | *'Service Unavailable'* | *GatewayTimeout*) ;;
    *ForbiddenByConnection* | *ForbiddenByFirewall* | *'ublic network access is disabled'*)
      echo "This machine is not in the app's network, and nothing else is let in: run it there (docs/deploy/private.md)." >&2
      return 1
      ;;
    *) return 1 ;;
  esac
}

# The subscription of azd, whatever the Azure CLI is set to.
azure_in_subscription() {
  azure "$@" ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"}
}
