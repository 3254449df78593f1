// The app settings that an operator chooses. Empty or left out means the app's default. docs/settings.md explains each; a test holds this list
// against the app's own.
@export()
type CutoffSettings = {
  CUTOFF_MODE: 'off' | 'reportOnly' | 'enforce'
  CUTOFF_STOP: 'true' | 'false' | ''?
  INCLUDED_PRINCIPALS: string?
  EXCLUDED_PRINCIPALS: string?
  LATE_EXEMPTIONS: 'ignore' | 'honour' | ''?
  ENFORCED_ROLES: string?
  WATCHED_GROUPS: string?
  RESYNC_SECONDS: string?
  STALE_AFTER_HOURS: string?
  RETENTION_DAYS: string?
  COALESCE_MINUTES: string?
  THRESHOLD_PLANNED: string?
  THRESHOLD_UNPLANNED: string?
  OPERATORS_AUDIENCE: string?
  RUNBOOK_URL: string?
  GRAPH_SUBSCRIPTIONS: 'on' | 'off' | 'allGroups' | ''?
  NOTIFICATION_BASE_URL: string?
  NOTIFY_WEBHOOK_URL: string?
  NOTIFY_1_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_1_TO: string?
  NOTIFY_1_FILTER: string?
  NOTIFY_2_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_2_TO: string?
  NOTIFY_2_FILTER: string?
  NOTIFY_3_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_3_TO: string?
  NOTIFY_3_FILTER: string?
  NOTIFY_4_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_4_TO: string?
  NOTIFY_4_FILTER: string?
  NOTIFY_5_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_5_TO: string?
  NOTIFY_5_FILTER: string?
  NOTIFY_6_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_6_TO: string?
  NOTIFY_6_FILTER: string?
  NOTIFY_7_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_7_TO: string?
  NOTIFY_7_FILTER: string?
  NOTIFY_8_FORMAT: 'standard' | 'teams' | 'slack' | 'mail' | ''?
  NOTIFY_8_TO: string?
  NOTIFY_8_FILTER: string?
  SHOW_NAMES: 'true' | 'false' | ''?
  SHOW_JUSTIFICATION: 'true' | 'false' | ''?
  NOTIFY_PERSON: 'off' | 'after' | 'beforeAndAfter' | ''?
  NOTIFY_PERSON_TO: 'mail' | 'otherMails' | 'manager' | ''?
  NOTIFY_PERSON_MINUTES: string?
  NOTIFY_PERSON_HELP_URL: string?
  AUDIT_RULES: string?
  GRAPH_CLOUD: 'global' | 'usGovL4' | 'usGovL5' | 'china' | ''?
}

@export()
@description('Instances that are always ready. Each instance of Flex Consumption serves one function or group only, and the scale controller sees a queue message once it is visible: without its own instance a function begins each piece of work after a quiet time with a cold start.')
type AlwaysReady = {
  http: int
  @description('A precondition, not an option: an announced end is a delayed message.')
  @minValue(1)
  principals: int
  resync: int
  heartbeat: int
  @description('Only with the audit stream.')
  auditStream: int
}
