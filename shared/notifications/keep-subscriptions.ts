import { z } from "zod";
import { failureOf, type GraphError, GraphPermanentError, isGraphError } from "../graph/errors.ts";
import { readHeads } from "../reconcile/heads.ts";
import { parseContent, putRow, StorageConflictError, type Table, unforged } from "../storage/table.ts";
import { markOf } from "./authenticate.ts";
import { createOne, type KeeperDependencies, renewOne } from "./create-and-renew.ts";
import { catalogue, isOurs, isSameResource, planSubscriptions, type Step, type Wanted, watchedByRank } from "./plan.ts";
import {
  forgetSubscription,
  loadStoredSubscriptions,
  loadSubscriptions,
  type Source,
  type SubscriptionRecord,
  type SubscriptionTimings,
} from "./subscription-record.ts";

/**
 * Compares existing with wanted subscriptions, and creates, renews and deletes where they differ, one instance at a time. A failed step is recorded
 * and tried again later. `asked`: ids from a lifecycle notification, which starts a run at once. Resolves to false while another instance does this:
 * a caller that needs the run tries again. @throws the errors of storage
 */
export async function keepSubscriptions(
  dependencies: KeeperDependencies,
  asked: ReadonlySet<string> | null = null,
): Promise<boolean> {
  const { state, timings } = dependencies;
  const lease = await takeLease(state, asked !== null, timings);
  if (typeof lease === "string") return lease === "notDue";
  try {
    await keep(dependencies, asked ?? new Set());
  } finally {
    await giveBackLease(state, lease);
  }
  return true;
}

/**
 * Subscribes to a group that was just read for the first time, and to all others without a subscription. A group that has a record, whatever its
 * result, waits for the next regular run. Resolves to false as `keepSubscriptions` does.
 */
export async function subscribeToNew(groupId: string, dependencies: KeeperDependencies): Promise<boolean> {
  if (dependencies.endpoints === null) return true;
  const records = await loadSubscriptions(dependencies.state);
  const isKnown = [...records.values()].some((record) => record.source === "groups" && covers(record, groupId));
  return isKnown || keepSubscriptions(dependencies, new Set());
}

/** Whether a record covers this group; the subscription to all groups covers each. */
const covers = (record: SubscriptionRecord, groupId: string): boolean =>
  record.groupId === null || record.groupId === groupId;

async function keep(dependencies: KeeperDependencies, asked: ReadonlySet<string>): Promise<void> {
  const { graph, graphClock, state, clock, endpoints, keys, telemetry, timings } = dependencies;
  const startedAt = clock.monotonic();
  const { records, unreadable } = await loadStoredSubscriptions(state);
  for (const resource of unreadable) {
    telemetry.alarm("rowUnreadable", { partition: "subscriptions", resource, code: "STORAGE_ROW_UNREADABLE" });
  }
  if (endpoints === null && records.size === 0) return;
  // A subscription in a row of another version is left alone: a second one would report every change twice.
  const isReadable = ({ resource }: { readonly resource: string }) =>
    !unreadable.some((other) => isSameResource(other, resource));
  try {
    const listed = await graph.listSubscriptions();
    graphClock.observe(listed);
    // Subscriptions to our address prove an earlier run, even if all tables were emptied.
    const ours = listed.value.filter(({ notificationUrl }) => isOurs(notificationUrl, endpoints));
    if (records.size + unreadable.length === 0 && ours.length > 0)
      telemetry.alarm("rowsVanished", { partition: "subscriptions", count: ours.length });
    const situation = {
      wanted: (await findWanted(dependencies)).filter(isReadable),
      records,
      listed: listed.value.filter(isReadable),
      endpoints,
      markOf: (record: SubscriptionRecord) => markOf(keys.current, record),
      asked,
      now: graphClock.now(),
    };
    for (const { id, expiresAt, source } of records.values()) {
      if (id !== null && expiresAt !== null) {
        telemetry.measure("subscriptionLeft", expiresAt - situation.now, { source });
      }
    }
    const run = createRun(dependencies);
    for (const step of planSubscriptions(situation, timings)) {
      if (clock.monotonic() - startedAt > timings.runFor) return;
      await run(step).catch((error: unknown) => {
        // A subscription that may not be deleted must not hold up the others.
        if (error instanceof GraphPermanentError) reportError(error, dependencies);
        else throw error;
      });
    }
  } catch (error) {
    if (!isGraphError(error)) throw error;
    reportError(error, dependencies);
  }
}

function reportError(error: GraphError, { telemetry }: KeeperDependencies): void {
  if (error instanceof GraphPermanentError) telemetry.alarm("subscriptionsRefused", failureOf(error));
  else telemetry.event("subscriptionsUnkept", failureOf(error));
}

async function findWanted(dependencies: KeeperDependencies): Promise<readonly Wanted[]> {
  const { endpoints, watched, beyondQuota } = dependencies;
  if (endpoints === null) return [];
  const groupIds = watched === null ? [] : watchedByRank(await readHeads(dependencies), watched);
  return catalogue(groupIds, beyondQuota);
}

/** Carries out one step after another. After a refusal for a missing permission or a full quota, the same run does not ask for that kind again. */
function createRun(dependencies: KeeperDependencies): (step: Step) => Promise<void> {
  const { graph, state, telemetry } = dependencies;
  let isWarm = false;
  const full = new Set<Source>();
  const create = async (wanted: Wanted, record: SubscriptionRecord | null) => {
    if (dependencies.endpoints === null || full.has(wanted.source)) return;
    if (!isWarm) await dependencies.warmUp(dependencies.endpoints.notificationUrl);
    isWarm = true;
    const created = await createOne(wanted, record, dependencies.endpoints, dependencies);
    if (created === "full") full.add(wanted.source);
  };
  return async (step) => {
    switch (step.kind) {
      case "delete":
        await graph.deleteSubscription(step.id);
        return telemetry.event("subscriptionDeleted", { subscriptionId: step.id });
      case "forget":
        return forgetSubscription(state, step.resource);
      case "renew":
        if (await renewOne(step.wanted, step.record, dependencies)) return;
        return create(step.wanted, step.record);
      case "create":
        return create(step.wanted, step.record);
    }
  };
}

const partition = "keeper";
const row = "subscriptions";
/** Storage's times, epoch milliseconds. */
const schema = z.object({ schema: z.literal(1), until: z.number(), startedAt: z.number() });

type Lease = "taken" | "notDue" | { readonly etag: string | null; readonly startedAt: number };

/** Takes the lease on keeping subscriptions, for one instance at a time. Unless `urgent`, not sooner than `keepEvery` after the last start. */
export async function takeLease(state: Table, urgent: boolean, timings: SubscriptionTimings): Promise<Lease> {
  const { value, storageTime } = await state.get(partition, row);
  const trusted = unforged(value);
  const known = trusted === undefined ? null : parseContent(trusted, schema);
  if (known !== null && known.until > storageTime) return "taken";
  if (known !== null && !urgent && storageTime - known.startedAt < timings.keepEvery) return "notDue";
  const content = { schema: 1, until: storageTime + timings.leaseFor, startedAt: storageTime };
  const put = putRow(row, content, value?.etag);
  try {
    const { value: etags } = await state.commit(partition, [put]);
    return { etag: etags.get(row) ?? null, startedAt: storageTime };
  } catch (error) {
    if (error instanceof StorageConflictError) return "taken";
    throw error;
  }
}

/** Gives the lease back, unless it has run out and another instance holds it now. */
async function giveBackLease(state: Table, { etag, startedAt }: Exclude<Lease, string>): Promise<void> {
  if (etag === null) return;
  const content = { schema: 1, until: startedAt, startedAt };
  try {
    await state.commit(partition, [{ type: "replace", row, content, etag }]);
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
