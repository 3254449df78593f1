import { createHmac } from "node:crypto";
import { createChannel } from "../notify/channel.ts";
import { createLanes } from "../notify/lanes.ts";
import type { NotifyDependencies } from "../notify/send.ts";
import { webhookQueue } from "../queue-names.ts";
import { deriveKeys } from "../secrets/derive-key.ts";
import type { Basis } from "./basis.ts";

/** What tells outcomes and alarms to those whom the settings name; null when they name nobody. */
export function wireNotify({
  settings,
  principals,
  state,
  graph,
  clock,
  telemetry,
  queue,
}: Basis): NotifyDependencies | null {
  const { notify, secrets } = settings;
  if (notify === null) return null;
  const { current } = deriveKeys(secrets, "webhook");
  const markUrl = (url: string) => createHmac("sha256", current).update(url).digest("hex").slice(0, 16);
  return {
    principals,
    state,
    notices: queue(webhookQueue),
    channels: notify.channels.map((channel) => createChannel(channel, markUrl, globalThis.fetch)),
    directory: graph,
    showNames: notify.showNames,
    cloud: settings.graph.cloud,
    lanes: createLanes(clock),
    clock,
    random: Math.random,
    telemetry,
  };
}
