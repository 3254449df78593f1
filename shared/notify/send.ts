import type { Clock } from "../base/clock.ts";
import type { ResolvedPolicy } from "../enforcement/policy.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Dated, GraphClock, UserReading } from "../graph/graph.ts";
import type { DisplayNames, Recipients, RoleNames } from "../graph/people.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { GraphCloud, PersonSettings, RecipientKind } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { EventProperties, Telemetry } from "../telemetry/telemetry.ts";
import { afterDelivery, type Channel, type Delivery } from "./channel.ts";
import type { SendMail } from "./mail.ts";
import { type Names, noNames, type ReadReason } from "./news.ts";
import { isStopped, stopChannel } from "./undelivered.ts";

/** What mails to people need. */
export interface PersonDependencies {
  readonly settings: Omit<PersonSettings, "mail">;
  readonly sendMail: SendMail;
  /** @throws GraphRetryableError, GraphPermanentError */
  readRecipients(userId: string, kind: RecipientKind): Promise<Dated<Recipients>>;
  /** Null for whoever is no user. @throws GraphRetryableError, GraphPermanentError */
  readUser(principalId: string): Promise<Pick<UserReading, "external"> | null>;
  /** @throws the errors of storage */
  readPolicy(): Promise<ResolvedPolicy>;
  /** Whether the emergency stop is in force. @throws the errors of storage */
  isStopped(): Promise<boolean>;
  readonly graphClock: GraphClock;
}

/** Everything that telling touches of the outside, passed in. */
export interface NotifyDependencies {
  readonly principals: Table;
  readonly state: Table;
  readonly notices: Queue;
  readonly channels: readonly Channel[];
  /** Who tells the person; null when nobody does. */
  readonly person: PersonDependencies | null;
  readonly directory: Directory;
  readonly showNames: boolean;
  /** Null: the settings want no reasons. */
  readonly readReason: ReadReason | null;
  readonly cloud: GraphCloud;
  readonly lanes: Lanes;
  readonly wakeUps: WakeUps;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly telemetry: Telemetry;
}

/** What became of one try. `later`: nothing was sent, or it failed, and the message is to come again after `wait`. */
export type Sent =
  | { readonly kind: "delivered" }
  | { readonly kind: "later"; readonly tries: number; readonly wait: number }
  | { readonly kind: "park"; readonly code: string };

/** Milliseconds until a message comes again for which its channel had no room; as much again is drawn. */
const busyWait = 15_000;

/**
 * Tries once to deliver a message to a channel. A receiver that hangs occupies its own lane and nothing else.
 * @param about of what it tells, in object ids
 * @throws the errors of storage
 */
export async function sendOnce(
  { number, urlMark }: Channel,
  send: () => Promise<Delivery>,
  tries: number,
  about: EventProperties,
  { state, lanes, random, telemetry }: NotifyDependencies,
): Promise<Sent> {
  if (await isStopped(state, number, urlMark)) return { kind: "park", code: "CHANNEL_STOPPED" };
  const delivery = await lanes.run(number, send);
  if (delivery === null) return { kind: "later", tries, wait: Math.round(busyWait * (1 + random())) };
  const next = afterDelivery(delivery, tries, random());
  if (next.kind === "delivered") {
    telemetry.event("notified", { ...about, channel: number, tries });
    return next;
  }
  if (next.kind === "retry") {
    telemetry.event("notifyFailed", { ...about, channel: number, status: delivery.status, tries });
    return { kind: "later", tries: tries + 1, wait: next.wait };
  }
  if (next.stops) {
    await stopChannel(state, number, urlMark);
    telemetry.alarm("channelStopped", { channel: number, code: next.code });
  }
  return { kind: "park", code: next.code };
}

/** How many messages of one channel may be under way at once in this process. */
const mostAtOnce = 4;

/** A message under way for longer than this, milliseconds, is one of a receiver that is slow or hangs: nobody waits behind it. */
const slowAfter = 1000;

/** A receiver that hangs must leave the invocations of this process to the others. */
interface Lanes {
  /** Runs the work, after others of its channel where these are quick; null when the channel has no room. */
  run<T>(channel: number, work: () => Promise<T>): Promise<T | null>;
}

interface UnderWay {
  readonly startedAt: number;
  readonly done: Promise<unknown>;
}

export function createLanes(clock: Pick<Clock, "monotonic" | "sleep">): Lanes {
  const lanes = new Map<number, Set<UnderWay>>();

  return {
    async run(channel, work) {
      const lane = lanes.get(channel) ?? new Set<UnderWay>();
      lanes.set(channel, lane);
      while (lane.size >= mostAtOnce) {
        const left = Math.min(...[...lane].map(({ startedAt }) => startedAt)) + slowAfter - clock.monotonic();
        if (left <= 0) return null;
        await Promise.race([...[...lane].map(({ done }) => done), clock.sleep(left)]);
      }
      const result = work();
      const underWay = { startedAt: clock.monotonic(), done: result.catch(() => undefined) };
      lane.add(underWay);
      try {
        return await result;
      } finally {
        lane.delete(underWay);
      }
    },
  };
}

/** What the directory calls people and groups. */
interface Directory {
  /** Null for whoever Graph does not know. @throws GraphRetryableError, GraphPermanentError */
  readDisplayNames(ids: { readonly userId: string; readonly groupId: string | null }): Promise<Dated<DisplayNames>>;
  readonly roleNames: RoleNames;
}

/** Reads names when a message is sent. One without names is better than none: what Graph does not tell stays an id. */
export async function readNames(
  principalId: string,
  revocation: PendingRevocation,
  directory: Directory,
  showNames: boolean,
): Promise<Names> {
  const role = isRole(revocation) ? await readRoleName(revocation.roleDefinitionId, directory) : null;
  if (!showNames) return { ...noNames, role };
  const groupId = isRole(revocation) || isRule(revocation) ? null : revocation.through.groupId;
  const names = await orNull(() => directory.readDisplayNames({ userId: principalId, groupId }));
  return { ...(names?.value ?? noNames), role };
}

/** What the directory calls a role; null where Graph does not tell. */
export const readRoleName = (roleDefinitionId: string, { roleNames }: Pick<Directory, "roleNames">) =>
  orNull(async () => (await roleNames()).get(roleDefinitionId.toLowerCase()) ?? null);

/** What the directory calls a group; null where Graph does not tell. */
export const readGroupName = (userId: string, groupId: string, directory: Pick<Directory, "readDisplayNames">) =>
  orNull(async () => (await directory.readDisplayNames({ userId, groupId })).value.group);

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return null;
  }
}

/** Messages that this process has sent to have something done soon: whatever is there before one becomes visible needs no other. */
interface WakeUps {
  /** Sends the message that does `what` after `delay` milliseconds, unless one is on its way that comes late enough. @throws what `send` throws */
  once(what: string, delay: number, send: () => Promise<void>): Promise<void>;
}

/** Milliseconds before a message becomes visible in which another is sent all the same: clocks and queues are not exact. */
const margin = 500;

export function createWakeUps(clock: Pick<Clock, "monotonic">): WakeUps {
  const comesAt = new Map<string, number>();
  return {
    async once(what, delay, send) {
      const now = clock.monotonic();
      if ((comesAt.get(what) ?? now) - margin > now) return;
      for (const [other, at] of comesAt) if (at < now) comesAt.delete(other);
      await send();
      comesAt.set(what, now + delay);
    },
  };
}
