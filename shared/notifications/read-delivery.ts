import { z } from "zod";
import { mostItems } from "../signals/delivery.ts";

const claims = {
  subscriptionId: z.guid().toLowerCase(),
  tenantId: z.guid().toLowerCase(),
  clientState: z.string().max(128),
};

/** What every item says of itself, before anybody believes it. */
export interface ItemClaims {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientState: string;
}

/** A change notification, as far as it is used (Graph docs: changeNotification). Numbers are not: `sequenceNumber` is beyond JavaScript's. */
export interface ChangeNotification extends ItemClaims {
  /** Id of what changed; null when it does not say. */
  readonly changedId: string | null;
  /** Only subscriptions to all groups have been seen to say it: whether somebody left. Null when it is not said. */
  readonly removed: boolean | null;
}

const removal = z.looseObject({ "@removed": z.unknown().optional() });
const resourceData = z.looseObject({
  id: z.string().max(256).optional().catch(undefined),
  "members@delta": z.array(removal).max(1000).optional().catch(undefined),
});

export const changeNotification = z
  .object({ ...claims, resourceData: resourceData.nullish().catch(null) })
  .transform(({ resourceData: data, ...item }): ChangeNotification => {
    const delta = data?.["members@delta"];
    const removed = delta === undefined ? null : delta.some((member) => member["@removed"] !== undefined);
    return { ...item, changedId: data?.id ?? null, removed };
  });

/** A lifecycle notification (Graph docs: change notifications lifecycle events). */
export interface LifecycleNotification extends ItemClaims {
  readonly lifecycleEvent: string;
}

export const lifecycleNotification: z.ZodType<LifecycleNotification> = z.object({
  ...claims,
  lifecycleEvent: z.string().max(64),
});

const mostTokens = 20;
const collection = z.object({
  value: z.array(z.unknown()).max(mostItems),
  validationTokens: z.array(z.string().max(16_384)).max(mostTokens).nullish(),
});

/** Null: not a collection. */
export interface Collection<T> {
  readonly items: readonly T[];
  /** Items that are none. */
  readonly unreadable: number;
  readonly validationTokens: readonly string[];
}

/** The items of a collection, each read on its own: a broken one never blocks its batch. Null when it is no collection. */
export function readCollection<T>(value: unknown, item: z.ZodType<T>): Collection<T> | null {
  const parsed = collection.safeParse(value);
  if (!parsed.success) return null;
  const read = parsed.data.value.map((one) => item.safeParse(one));
  const items = read.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return { items, unreadable: read.length - items.length, validationTokens: parsed.data.validationTokens ?? [] };
}
