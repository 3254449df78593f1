/** What a status means when Graph refuses a subscription; of the quota: Graph docs: change notifications overview. */
const byStatus: ReadonlyMap<number, string> = new Map([
  [
    400,
    "Graph does not take this subscription: it does not offer the resource, or it could not reach our address to validate it.",
  ],
  [
    403,
    "Graph does not allow this subscription: the app's permission or its quota of subscriptions does not reach so far.",
  ],
  [404, "Graph does not find what is to be subscribed to."],
  [409, "Another subscription stands in its place."],
]);
const ours: ReadonlySet<string> = new Set(byStatus.values());

/** Why Graph refused a subscription, in our words; empty where the code says it all. Graph's own may name somebody, and a name without quotes looks like any word. */
export const refusalWords = (status: number | undefined): string => byStatus.get(status ?? 0) ?? "";

/** Stored words, unless they are none of ours: older versions stored Graph's. */
export const onlyOurs = (words: string): string => (ours.has(words) ? words : "");
