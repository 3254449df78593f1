import { createHmac } from "node:crypto";
import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import { createCredential } from "../graph/credential.ts";
import { createChannel } from "../notify/channel.ts";
import { createLanes } from "../notify/lanes.ts";
import type { SendMail } from "../notify/mail.ts";
import type { NotifyDependencies, PersonDependencies } from "../notify/send.ts";
import { createWakeUps } from "../notify/wake-ups.ts";
import { webhookQueue } from "../queue-names.ts";
import { readPolicy } from "../revocation/read-policy.ts";
import { deriveKeys } from "../secrets/derive-key.ts";
import type { MailSettings } from "../settings/settings.ts";
import type { Basis } from "./basis.ts";

/** What tells outcomes and alarms to those whom the settings name; null when they name nobody. */
export function wireNotify(basis: Basis, core: CoreDependencies): NotifyDependencies | null {
  const { settings, principals, state, graph, clock, telemetry, queue } = basis;
  const { notify, secrets } = settings;
  if (notify === null) return null;
  const { current } = deriveKeys(secrets, "webhook");
  const markUrl = (url: string) => createHmac("sha256", current).update(url).digest("hex").slice(0, 16);
  return {
    principals,
    state,
    notices: queue(webhookQueue),
    channels: notify.channels.map((channel) => createChannel(channel, markUrl, globalThis.fetch)),
    person: wirePerson(basis, core),
    directory: graph,
    showNames: notify.showNames,
    cloud: settings.graph.cloud,
    lanes: createLanes(clock),
    wakeUps: createWakeUps(clock),
    clock,
    random: Math.random,
    telemetry,
  };
}

function wirePerson({ settings, graph, graphClock }: Basis, core: CoreDependencies): PersonDependencies | null {
  const person = settings.notify?.person ?? null;
  if (person === null) return null;
  return {
    settings: person,
    sendMail: lazyMail(person.mail, () => createCredential(settings.credential)),
    readRecipients: (userId, kind) => graph.readRecipients(userId, kind),
    readPolicy: () => readPolicy(core),
    isStopped: async () => (await core.control.read()).stopped,
    graphClock,
  };
}

/** A file of its own in the bundle: see local/build/bundle-app.ts. */
function lazyMail(mail: MailSettings, credential: () => ReturnType<typeof createCredential>): SendMail {
  let connected: Promise<SendMail> | undefined;
  return async (message) => {
    connected ??= import("../notify/mail-client.ts").then(({ connectMail }) => connectMail(mail, credential()));
    return (await connected)(message);
  };
}
