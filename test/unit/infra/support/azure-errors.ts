/** What the Azure CLI prints when Azure refuses, as its users have reported it. Ids are made up. */
export const azureErrors = {
  /** Key Vault, while a role that was just given is on its way. */
  vaultRole: `ERROR: (Forbidden) Caller is not authorized to perform action on resource.
If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.
Code: Forbidden
Inner error: {
    "code": "ForbiddenByRbac"
}`,
  /** Key Vault, from outside a private network. */
  vaultClosed: `ERROR: (Forbidden) Public network access is disabled and request is not from a trusted service nor via an approved private link.
Code: Forbidden
Inner error: {
    "code": "ForbiddenByConnection"
}`,
  /** Resource Manager, while a role is on its way, or for ever without it. */
  resourceRole:
    "ERROR: (AuthorizationFailed) The client 'ada@contoso.example' with object id '3f2504e0' does not have authorization to perform action 'Microsoft.Web/sites/read' over scope '/subscriptions/s'.",
  /** App Service, while it restarts the app for its settings. */
  deploying:
    "ERROR: There may be an ongoing deployment or your app setting has WEBSITE_RUN_FROM_PACKAGE. Please track your deployment in the deployment log.",
  conflict: "ERROR: (Conflict) Cannot modify this site because another operation is in progress.",
  /** Graph, while an object is on its way to the replica that was asked. */
  replicating:
    'ERROR: Not Found({"error":{"code":"Request_ResourceNotFound","message":"Resource \'x\' does not exist or one of its queried reference-property objects are not present."}})',
  noApplicationYet:
    'ERROR: Bad Request({"error":{"code":"Request_BadRequest","message":"The appId \'x\' of the service principal does not reference a valid application object."}})',
  /** Graph, to somebody without the role in Entra: it does not pass by itself. */
  denied:
    'ERROR: Forbidden({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}})',
  noSuchVault: "ERROR: (VaultNotFound) The vault 'kv-none' was not found.",
};
