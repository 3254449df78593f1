// The app settings that an operator chooses. Left out means the app's default. docs/settings.md explains each; a test holds this list against the
// app's own.
@export()
type CutoffSettings = {
  CUTOFF_MODE: 'off' | 'reportOnly' | 'enforce'
  CUTOFF_STOP: 'true' | 'false' ?
  INCLUDED_PRINCIPALS: string?
  EXCLUDED_PRINCIPALS: string?
  ENFORCED_ROLES: string?
  WATCHED_GROUPS: string?
  RESYNC_SECONDS: string?
  STALE_AFTER_HOURS: string?
  RETENTION_DAYS: string?
  COALESCE_MINUTES: string?
  WHEN_UNREADABLE: 'hold' | 'revoke' ?
  REVOKE_WHEN_REACTIVATED: 'true' | 'false' ?
  THRESHOLD_PLANNED: string?
  THRESHOLD_UNPLANNED: string?
  OPERATORS_AUDIENCE: string?
  GRAPH_SUBSCRIPTIONS: 'on' | 'off' | 'allGroups' ?
  NOTIFICATION_BASE_URL: string?
  NOTIFY_WEBHOOK_URL: string?
  AUDIT_RULES: string?
  GRAPH_CLOUD: 'global' | 'usGovL4' | 'usGovL5' | 'china' ?
}
