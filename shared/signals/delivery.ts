/** A request to one of our addresses, as far as it is looked at. */
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

export type DeliveryBody =
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
