const storageLog =
  "TimeGenerated: datetime, AccountName: string, ServiceType: string, Category: string, OperationName: string, StatusCode: string, " +
  "AuthenticationType: string, RequesterObjectId: string, CallerIpAddress: string, UserAgentHeader: string";

/**
 * The tables that the queries read, with the columns that they use and their types (Azure Monitor docs: Azure Monitor Logs reference, one page
 * for each table). A query that names another column is refused until the column has been looked up there.
 */
export const tableColumns: Readonly<Record<string, string>> = {
  AppEvents: "TimeGenerated: datetime, Name: string, Properties: dynamic, ItemCount: int",
  AppMetrics:
    "TimeGenerated: datetime, Name: string, Properties: dynamic, ItemCount: int, Sum: real, Min: real, Max: real",
  AuditLogs:
    "TimeGenerated: datetime, ActivityDateTime: datetime, LoggedByService: string, Category: string, Result: string, " +
    "OperationName: string, TargetResources: dynamic, InitiatedBy: dynamic",
  AzureActivity:
    "TimeGenerated: datetime, CategoryValue: string, OperationNameValue: string, ActivityStatusValue: string, Caller: string, " +
    "CallerIpAddress: string, Claims_d: dynamic, CorrelationId: string, ResourceGroup: string, _ResourceId: string, Properties: string",
  MicrosoftGraphActivityLogs:
    "TimeGenerated: datetime, UserId: string, ServicePrincipalId: string, ResponseStatusCode: int, TokenIssuedAt: datetime, " +
    "Wids: string, RequestMethod: string, RequestUri: string, IPAddress: string",
  StorageBlobLogs: storageLog,
  StorageQueueLogs: storageLog,
  StorageTableLogs: storageLog,
};
