import { z } from "zod";

/** A request to one of our addresses, as far as it is read. */
export interface DeliveryRequest {
  /** Decoded; null when the query has none. */
  readonly validationToken: string | null;
  readonly contentType: string | null;
  /** As announced; null when it is not. */
  readonly contentLength: number | null;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Never more than this: nobody learns which check a request failed. */
export interface DeliveryAnswer {
  readonly status: 200 | 202 | 400 | 413 | 415 | 503;
  /** Of 200 alone. */
  readonly text?: string;
}

/** What is kept of a body is bounded before anything is known of its sender. */
export const mostBytes = 1024 * 1024;
export const mostItems = 2000;

const mostTokenCharacters = 2048;

/** Opaque, but no control characters and neither `<` nor `>`: Graph never sends HTML or script (Graph docs: change notifications delivery by webhooks). */
const tokenForm = /^[^\p{Cc}\p{Cs}<>]+$/u;

/** The validation handshake: the decoded token and nothing else, or 400. */
export const answerHandshake = (token: string): DeliveryAnswer =>
  token.length <= mostTokenCharacters && tokenForm.test(token) ? { status: 200, text: token } : { status: 400 };

type DeliveryBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "bad"; readonly status: 400 | 413 | 415 };

/** The body as JSON, if it is of the right type, not too large and can be parsed. */
export async function readDelivery({ contentType, contentLength, body }: DeliveryRequest): Promise<DeliveryBody> {
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) return { kind: "bad", status: 415 };
  const bytes = await readBody({ contentLength, body });
  if (bytes === null) return { kind: "bad", status: 413 };
  try {
    return { kind: "json", value: JSON.parse(bytes.toString("utf8")) };
  } catch {
    return { kind: "bad", status: 400 };
  }
}

/** Null when there is more than `mostBytes`: the rest is not read. */
export async function readBody({
  contentLength,
  body,
}: Pick<DeliveryRequest, "contentLength" | "body">): Promise<Buffer | null> {
  if (contentLength !== null && contentLength > mostBytes) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

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
interface Collection<T> {
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
