/** How Graph is to tell us of changes. */
export interface SubscriptionSettings {
  /** Above the quota of single groups: the rest by polling (`on`), or one subscription to all groups (`allGroups`). */
  readonly beyondQuota: "poll" | "allGroups";
  /** The app's own origin as Graph reaches it, without a slash at the end. */
  readonly baseUrl: string;
}

interface SubscriptionValues {
  readonly GRAPH_SUBSCRIPTIONS: "on" | "off" | "allGroups";
  readonly NOTIFICATION_BASE_URL?: string | undefined;
  readonly WEBSITE_HOSTNAME?: string | undefined;
}

/** Null when they are switched off, or when nobody knows where Graph could reach the app. */
export function toSubscriptionSettings(values: SubscriptionValues): SubscriptionSettings | null {
  const baseUrl = values.NOTIFICATION_BASE_URL ?? values.WEBSITE_HOSTNAME;
  if (values.GRAPH_SUBSCRIPTIONS === "off" || baseUrl === undefined) return null;
  return { beyondQuota: values.GRAPH_SUBSCRIPTIONS === "allGroups" ? "allGroups" : "poll", baseUrl };
}
