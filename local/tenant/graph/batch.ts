import { z } from "zod";
import { type Answer, halfOf, type Outcome, ok } from "../http/answer.ts";
import { type Call, jsonOf } from "../http/call.ts";
import type { AppToken } from "../identity/app-tokens.ts";
import type { Tenant } from "../tenant.ts";
import { answerGraphCall } from "./answer-call.ts";
import { graphError } from "./graph-error.ts";

const itemSchema = z.object({
  id: z.string().min(1),
  method: z.string().transform((method) => method.toUpperCase()),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
type Item = z.infer<typeof itemSchema>;
const batchSchema = z.object({ requests: z.array(itemSchema) });

const longestBatch = 20;

/** Graph docs: json-batching. Items are carried out and throttled one by one; the answers come in any order. */
export async function answerBatch(tenant: Tenant, call: Call, app: AppToken | null): Promise<Outcome> {
  const deny = (status: number, code: string, message: string) => graphError(tenant, call, status, code, message);
  if (app === null) return deny(401, "InvalidAuthenticationToken", "Access token is missing, invalid or expired.");
  const batch = batchSchema.safeParse(jsonOf(call.text));
  if (!batch.success) return deny(400, "BadRequest", "Invalid batch payload format.");
  const { requests } = batch.data;
  if (requests.length > longestBatch) {
    return deny(400, "BadRequest", `Number of batch request steps exceeds the maximum value of ${longestBatch}.`);
  }
  if (new Set(requests.map(({ id }) => id)).size < requests.length) {
    return deny(400, "BadRequest", "Each request id must be unique within the batch.");
  }
  const statuses = new Map<string, number>();
  const responses = [];
  for (const item of requests) {
    const outcome = await answerItem(tenant, call, app, item, statuses);
    if (outcome === "drop") return "drop"; // an item has no connection of its own
    statuses.set(item.id, outcome.status);
    responses.push({ id: item.id, status: outcome.status, headers: outcome.headers, body: bodyOf(outcome) });
  }
  return ok({ responses: tenant.random.shuffled(responses) });
}

/** What is no JSON stands in a batch as Base64 (Graph docs: json-batching). */
const bodyOf = ({ body = null, isTruncated }: Answer): unknown =>
  isTruncated ? Buffer.from(halfOf(body)).toString("base64") : body;

async function answerItem(
  tenant: Tenant,
  batch: Call,
  app: AppToken,
  item: Item,
  statuses: ReadonlyMap<string, number>,
): Promise<Outcome> {
  const headers = Object.fromEntries(Object.entries(item.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const path = item.url.startsWith("/") ? item.url : `/${item.url}`;
  const call: Call = {
    method: item.method,
    url: new URL(`${batch.url.origin}/v1.0${path}`),
    headers: { ...pick(batch.headers, "client-request-id"), ...headers },
    text: item.body === undefined ? "" : JSON.stringify(item.body),
    inBatch: true,
  };
  if (item.dependsOn.some((id) => (statuses.get(id) ?? 424) >= 400)) {
    return graphError(tenant, call, 424, "FailedDependency", "A request that this one depends on has failed.");
  }
  if (
    item.method !== "GET" &&
    item.method !== "DELETE" &&
    (headers["content-type"] === undefined || call.text === "")
  ) {
    const message = `Write request id : ${item.id} does not contain Content-Type header or body.`;
    return graphError(tenant, call, 400, "BadRequest", message);
  }
  const outcome = await answerGraphCall(tenant, call, app);
  if (outcome === "drop") return outcome;
  return { ...outcome, headers: { "Content-Type": "application/json", ...outcome.headers } };
}

function pick(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const value = headers[name];
  return value === undefined ? {} : { [name]: value };
}
