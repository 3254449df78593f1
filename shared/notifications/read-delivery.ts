import { z } from "zod";

/** The parts of a request to a notification endpoint that the app reads. */
export interface DeliveryRequest {
  /** Decoded; null when the query has none. */
  readonly validationToken: string | null;
  readonly contentType: string | null;
  /** From the `Content-Length` header, in bytes; null when it is absent. */
  readonly contentLength: number | null;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** The whole answer: it must not reveal which check a request failed. */
export interface DeliveryAnswer {
  readonly status: 200 | 202 | 400 | 413 | 415 | 503;
  /** Only with 200. */
  readonly text?: string;
}

/** Limits on a body, which is read before its sender is known: bytes, and items of one collection. */
export const mostBytes = 1024 * 1024;
export const mostItems = 2000;

const mostTokenCharacters = 2048;

/** No control characters, `<` or `>` in the opaque token: Graph never sends HTML or script (Graph docs: change notifications delivery by webhooks). */
const tokenForm = /^[^\p{Cc}\p{Cs}<>]+$/u;

/** Answers the validation handshake with the decoded token and nothing else, or 400. Pure. */
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

/** Resolves to null, and stops reading, when the body is longer than `mostBytes`. */
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

/** What every item claims, before it is authenticated. */
export interface ItemClaims {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly clientState: string;
}

/** The used fields of a change notification (Graph docs: changeNotification). Numbers are not used: `sequenceNumber` exceeds JavaScript's range. */
export interface ChangeNotification extends ItemClaims {
  /** Id of the changed object; null when the notification does not name it. */
  readonly changedId: string | null;
  /** Whether a member left; null when not given. Only seen with subscriptions to all groups. */
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

/** A collection of notifications, each item read by itself. */
interface Collection<T> {
  readonly items: readonly T[];
  /** Number of items that could not be read. */
  readonly unreadable: number;
  readonly validationTokens: readonly string[];
}

/** Reads the items of a collection one by one: an unreadable item does not affect the others. Null when `value` is no collection. Pure. */
export function readCollection<T>(value: unknown, item: z.ZodType<T>): Collection<T> | null {
  const parsed = collection.safeParse(value);
  if (!parsed.success) return null;
  const read = parsed.data.value.map((one) => item.safeParse(one));
  const items = read.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return { items, unreadable: read.length - items.length, validationTokens: parsed.data.validationTokens ?? [] };
}
