// What is deployed; each value comes from the environment, which azd fills from `azd env set NAME VALUE`. The defaults are those of a first,
// report-only deployment. A test holds this list against the template and against the app's own settings.
using 'main.bicep'

param name = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
// No default: alert rules that tell nobody are a choice, so it is made (none), not missed.
param alertAddresses = split(replace(readEnvironmentVariable('ALERT_ADDRESSES'), ' ', ''), ',')
param alertEvery = readEnvironmentVariable('ALERT_EVERY', 'PT5M')
param privateNetworking = bool(readEnvironmentVariable('PRIVATE_NETWORKING', 'false'))
param networkRange = readEnvironmentVariable('NETWORK_RANGE', '10.90.0.0/24')
param privateZones = readEnvironmentVariable('PRIVATE_ZONES', '')
param publicInbound = bool(readEnvironmentVariable('PUBLIC_INBOUND', 'true'))
param operatorSignIn = bool(readEnvironmentVariable('OPERATOR_SIGN_IN', 'false'))
param auditStream = bool(readEnvironmentVariable('AUDIT_STREAM', 'false'))
param rotatingSecret = bool(readEnvironmentVariable('ROTATING_SECRET', 'false'))
param recoverVault = bool(readEnvironmentVariable('RECOVER_VAULT', 'false'))
param storageRedundancy = readEnvironmentVariable('STORAGE_REDUNDANCY', 'auto')
param nodeVersion = readEnvironmentVariable('NODE_VERSION', '24')
param maximumInstances = int(readEnvironmentVariable('MAXIMUM_INSTANCES', '40'))
param logRetentionDays = int(readEnvironmentVariable('LOG_RETENTION_DAYS', '90'))
param sentinelTables = filter(
  split(replace(readEnvironmentVariable('SENTINEL_TABLES', ''), ' ', ''), ','),
  (table) => !empty(table)
)
param alwaysReady = {
  http: int(readEnvironmentVariable('ALWAYS_READY_HTTP', '1'))
  principals: int(readEnvironmentVariable('ALWAYS_READY_PRINCIPALS', '1'))
  resync: int(readEnvironmentVariable('ALWAYS_READY_RESYNC', '1'))
  resyncPulse: int(readEnvironmentVariable('ALWAYS_READY_RESYNC_PULSE', '1'))
  auditStream: int(readEnvironmentVariable('ALWAYS_READY_AUDIT_STREAM', '1'))
}
param settings = {
  CUTOFF_MODE: readEnvironmentVariable('CUTOFF_MODE', 'reportOnly')
  CUTOFF_STOP: readEnvironmentVariable('CUTOFF_STOP', '')
  INCLUDED_PRINCIPALS: readEnvironmentVariable('INCLUDED_PRINCIPALS', 'all')
  EXCLUDED_PRINCIPALS: readEnvironmentVariable('EXCLUDED_PRINCIPALS', '')
  LATE_EXEMPTIONS: readEnvironmentVariable('LATE_EXEMPTIONS', '')
  ENFORCED_ROLES: readEnvironmentVariable('ENFORCED_ROLES', '')
  WATCHED_GROUPS: readEnvironmentVariable('WATCHED_GROUPS', '')
  RESYNC_SECONDS: readEnvironmentVariable('RESYNC_SECONDS', '')
  STALE_AFTER_HOURS: readEnvironmentVariable('STALE_AFTER_HOURS', '')
  RETENTION_DAYS: readEnvironmentVariable('RETENTION_DAYS', '')
  COALESCE_MINUTES: readEnvironmentVariable('COALESCE_MINUTES', '')
  THRESHOLD_PLANNED: readEnvironmentVariable('THRESHOLD_PLANNED', '')
  THRESHOLD_UNPLANNED: readEnvironmentVariable('THRESHOLD_UNPLANNED', '')
  OPERATORS_AUDIENCE: readEnvironmentVariable('OPERATORS_AUDIENCE', '')
  SHOW_NAMES: readEnvironmentVariable('SHOW_NAMES', '')
  RUNBOOK_URL: readEnvironmentVariable('RUNBOOK_URL', '')
  GRAPH_SUBSCRIPTIONS: readEnvironmentVariable('GRAPH_SUBSCRIPTIONS', '')
  NOTIFICATION_BASE_URL: readEnvironmentVariable('NOTIFICATION_BASE_URL', '')
  NOTIFY_WEBHOOK_URL: readEnvironmentVariable('NOTIFY_WEBHOOK_URL', '')
  AUDIT_RULES: readEnvironmentVariable('AUDIT_RULES', '')
  GRAPH_CLOUD: readEnvironmentVariable('GRAPH_CLOUD', '')
}
