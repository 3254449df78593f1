import type { Features } from "../graph/permissions.ts";
import type { Settings } from "./settings.ts";

/** What the settings switch on, as far as it needs a permission of its own. */
export const featuresOf = ({
  policy,
  watchedGroups,
  subscriptions,
}: Pick<Settings, "policy" | "watchedGroups" | "subscriptions">): Features => ({
  revoking: policy.mode === "enforce",
  groups: watchedGroups !== "none",
  subscriptions: subscriptions !== null,
});
