import type { z } from "zod";
import type { DerivedKeys } from "../base/keys.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
import { isStorageError } from "../storage/table.ts";
import type { CountByMinute, Telemetry, Tracing } from "../telemetry/telemetry.ts";
import { type Authentic, authenticateItems, type KnownSubscriptions, type ValidateTokens } from "./authenticate.ts";
import {
  answerHandshake,
  type ChangeNotification,
  changeNotification,
  type DeliveryAnswer,
  type DeliveryRequest,
  type ItemClaims,
  type LifecycleNotification,
  lifecycleNotification,
  readCollection,
  readDelivery,
} from "./read-delivery.ts";
import type { NoteDeliveries } from "./reliability.ts";
import { type Hint, toJobs, toSignals, type WriteSignals } from "./to-messages.ts";

export interface DeliveryDependencies {
  readonly known: KnownSubscriptions;
  readonly keys: DerivedKeys;
  readonly writeSignals: WriteSignals;
  readonly validateTokens: ValidateTokens;
  /** Whether storage has state of this principal. */
  readonly isKnown: (principalId: string) => Promise<boolean>;
  /** Of these groups those that the app watches. */
  readonly watchedAmong: (groupIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly noteDeliveries: NoteDeliveries;
  readonly graphClock: GraphClock;
  readonly telemetry: Telemetry;
  /** Counts events that strangers can cause, per minute. */
  readonly strangers: CountByMinute;
  /** Starts a trace, only for an authentic notification: traces cost money, and strangers must not be able to cause them. */
  readonly step: Tracing["step"];
}

/** Receives change notifications: each authentic one becomes a message in the queue before the answer. */
export const receiveNotifications = (
  request: DeliveryRequest,
  dependencies: DeliveryDependencies,
): Promise<DeliveryAnswer> =>
  receive<ChangeNotification>(request, changeNotification, { name: "notifications", follow: toSignals }, dependencies);

/** Receives lifecycle notifications: each authentic one becomes a job in the queue before the answer. */
export const receiveLifecycle = (
  request: DeliveryRequest,
  dependencies: DeliveryDependencies,
): Promise<DeliveryAnswer> =>
  receive<LifecycleNotification>(request, lifecycleNotification, { name: "lifecycle", follow: toJobs }, dependencies);

interface Taking<T> {
  /** Name of the triggered function. */
  readonly name: string;
  readonly follow: (one: Authentic<T>, notifiedAt: number) => readonly Hint[];
}

/**
 * Answers 202 whether or not the items are authentic, so that a stranger learns nothing. Answers 503 when a message could not be stored or a token not
 * checked, so that Graph tries again (Graph docs: change notifications delivery by webhooks).
 */
async function receive<T extends ItemClaims>(
  request: DeliveryRequest,
  schema: z.ZodType<T>,
  taking: Taking<T>,
  dependencies: DeliveryDependencies,
): Promise<DeliveryAnswer> {
  if (request.validationToken !== null) return answerHandshake(request.validationToken);
  const body = await readDelivery(request);
  if (body.kind === "bad") return { status: body.status };
  const collection = readCollection(body.value, schema);
  if (collection === null) return { status: 400 };

  const { known, keys, strangers, step } = dependencies;
  const { items, unreadable, validationTokens } = collection;
  try {
    const ours = await known(items.map(({ subscriptionId }) => subscriptionId));
    const { authentic, rejected } = authenticateItems(items, ours, keys);
    if (authentic.length < items.length || unreadable > 0) {
      strangers.event("notificationsRejected", { ...rejected, unreadable });
    }
    if (authentic.length === 0) return { status: 202 };
    return await step(taking.name, { kind: "consumer" }, () =>
      takeIn(authentic, validationTokens, taking.follow, dependencies),
    );
  } catch (error) {
    if (!isStorageError(error)) throw error;
    strangers.event("notificationsUnpersisted", { code: error.code, items: items.length });
    return { status: 503 };
  }
}

async function takeIn<T extends ItemClaims>(
  authentic: readonly Authentic<T>[],
  validationTokens: readonly string[],
  follow: Taking<T>["follow"],
  dependencies: DeliveryDependencies,
): Promise<DeliveryAnswer> {
  const { writeSignals, noteDeliveries, graphClock, telemetry } = dependencies;
  const verdict = await checkTokens(validationTokens, authentic, dependencies);
  if (verdict === "unknown") return { status: 503 };
  if (verdict === "bad") {
    telemetry.alarm("validationTokenBad", { items: authentic.length });
    return { status: 202 };
  }
  const notifiedAt = graphClock.now();
  const hints = await knownOnly(
    authentic.flatMap((one) => follow(one, notifiedAt)),
    dependencies,
  );
  await writeSignals(hints);
  await noteDeliveries(authentic.map(({ subscription }) => subscription));
  return { status: 202 };
}

/**
 * Checks the tokens of a collection, only if it has an authentic item: strangers must not make the app fetch keys. Basic notifications have no
 * tokens; where there are some, a bad one rejects the collection (Graph docs: change notifications with resource data).
 */
async function checkTokens(
  tokens: readonly string[],
  authentic: readonly Authentic<ItemClaims>[],
  { validateTokens }: DeliveryDependencies,
): Promise<"good" | "bad" | "unknown"> {
  const [first] = authentic;
  if (tokens.length === 0 || first === undefined) return "good";
  const { applicationId, tenantId } = first.subscription;
  if (applicationId === null || tenantId === null) return "bad";
  return validateTokens(tokens, { audience: applicationId, tenantId });
}

/**
 * Drops hints about principals without stored state, since a notification must not make the app store state about any id, and about groups that are not
 * watched: a member who leaves such a group loses no privilege.
 */
async function knownOnly(
  hints: readonly Hint[],
  { isKnown, watchedAmong }: DeliveryDependencies,
): Promise<readonly Hint[]> {
  const asked = new Set(hints.flatMap(({ ifKnown }) => ifKnown ?? []));
  const answers = await Promise.all([...asked].map(async (id) => ((await isKnown(id)) ? [id] : [])));
  const known = new Set(answers.flat());
  const watched = await watchedAmong(hints.flatMap(({ ifWatched }) => ifWatched ?? []));
  return hints.filter(
    ({ ifKnown, ifWatched }) =>
      (ifKnown === undefined || known.has(ifKnown)) && (ifWatched === undefined || watched.has(ifWatched)),
  );
}
