import type { Clock } from "../base/clock.ts";
import type { ResolvedPolicy } from "../enforcement/policy.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Dated, UserReading } from "../graph/graph.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
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

/** The parts that mails to people need. */
export interface PersonDependencies {
  readonly settings: Omit<PersonSettings, "mail">;
  readonly sendMail: SendMail;
  /** @throws GraphRetryableError, GraphPermanentError */
  readRecipients(userId: string, kind: RecipientKind): Promise<Dated<Recipients>>;
  /** Null when the principal is not a user. @throws GraphRetryableError, GraphPermanentError */
  readUser(principalId: string): Promise<Pick<UserReading, "external"> | null>;
  /** @throws the errors of storage */
  readPolicy(): Promise<ResolvedPolicy>;
  /** Whether the emergency stop is in force. @throws the errors of storage */
  isStopped(): Promise<boolean>;
  readonly graphClock: GraphClock;
}

/** The outside parts that notifications need: storage, queue, channels, Graph, clock. */
export interface NotifyDependencies {
  readonly principals: Table;
  readonly state: Table;
  readonly notices: Queue;
  readonly channels: readonly Channel[];
  /** The parts for mails to people; null when the settings want none. */
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

/** The result of one try. `later`: nothing was sent, or the delivery failed; the message must be tried again after `wait`. */
export type Sent =
  | { readonly kind: "delivered" }
  | { readonly kind: "later"; readonly tries: number; readonly wait: number }
  | { readonly kind: "park"; readonly code: string };

/** Milliseconds until the next try of a message for which its channel had no room. Up to as much again is added at random. */
const busyWait = 15_000;

/**
 * Tries once to deliver a message to a channel. A receiver that hangs blocks only its own lane.
 * @param about the subject of the message, in object ids
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

/** The most messages of one channel that this process sends at once. */
const mostAtOnce = 4;

/** Milliseconds after which a receiver counts as slow or hanging: no other message waits for it. */
const slowAfter = 1000;

/** Limits the messages that are sent to one channel at once, so that a receiver that hangs does not take all invocations of this process. */
interface Lanes {
  /** Runs the work. In a full lane it waits while the others are quick; null when they are slow. */
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

/** Reads display names from the directory. */
interface Directory {
  /** A name is null when Graph does not know the id. @throws GraphRetryableError, GraphPermanentError */
  readDisplayNames(ids: { readonly userId: string; readonly groupId: string | null }): Promise<Dated<DisplayNames>>;
  readonly roleNames: RoleNames;
}

/** Reads names when a message is sent. A name that cannot be read is null: a message with ids is better than none. */
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

/** The display name of a role; null when it cannot be read. */
export const readRoleName = (roleDefinitionId: string, { roleNames }: Pick<Directory, "roleNames">) =>
  orNull(async () => (await roleNames()).get(roleDefinitionId.toLowerCase()) ?? null);

/** The display name of a group; null when it cannot be read. */
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

/** Messages that this process has sent to itself with a delay. One message serves all outcomes that are stored before it becomes visible. */
interface WakeUps {
  /** Sends the message for `what`, visible after `delay` milliseconds, unless an earlier one is still to come. @throws what `send` throws */
  once(what: string, delay: number, send: () => Promise<void>): Promise<void>;
}

/** Milliseconds. A message that becomes visible sooner than this does not count as still to come: clocks and queues are not exact. */
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
