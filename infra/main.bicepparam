// What azd deploys; each value comes from `azd env set NAME VALUE`. The defaults are those of a first, report-only deployment.
using 'main.bicep'

param name = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param privateNetworking = bool(readEnvironmentVariable('PRIVATE_NETWORKING', 'false'))
param publicInbound = bool(readEnvironmentVariable('PUBLIC_INBOUND', 'true'))
param operatorSignIn = bool(readEnvironmentVariable('OPERATOR_SIGN_IN', 'false'))
param auditStream = bool(readEnvironmentVariable('AUDIT_STREAM', 'false'))
param rotatingSecret = bool(readEnvironmentVariable('ROTATING_SECRET', 'false'))
param sentinelRules = bool(readEnvironmentVariable('SENTINEL_RULES', 'false'))
param alertAddresses = filter(split(readEnvironmentVariable('ALERT_ADDRESSES', ''), ','), (address) => !empty(address))
param settings = {
  CUTOFF_MODE: readEnvironmentVariable('CUTOFF_MODE', 'reportOnly')
  INCLUDED_PRINCIPALS: readEnvironmentVariable('INCLUDED_PRINCIPALS', 'all')
  EXCLUDED_PRINCIPALS: readEnvironmentVariable('EXCLUDED_PRINCIPALS', '')
  OPERATORS_AUDIENCE: readEnvironmentVariable('OPERATORS_AUDIENCE', '')
}
