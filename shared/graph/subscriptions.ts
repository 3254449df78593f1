import { z } from "zod";
import { GraphPermanentError } from "./errors.ts";
import type { Created, Dated, GraphSubscription, NewSubscription } from "./graph.ts";
import { guid, instantMs, isInstant, requireGuid } from "./instants-and-ids.ts";
import { promised } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { type Listing, type ReadContext, readList, SleepBudget } from "./read.ts";
import { type WriteContext, write } from "./write.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const subscription = z
  .object({
    id: guid,
    resource: z.string(),
    notificationUrl: text,
    expirationDateTime: z.string().refine(isInstant).transform(instantMs),
    applicationId: text,
  })
  .transform(({ expirationDateTime, ...others }): GraphSubscription => ({ ...others, expiresAt: expirationDateTime }));

const listing: Listing<GraphSubscription> = {
  endpoint: endpoints.subscriptions,
  row: subscription,
  priority: "low",
};

export const listSubscriptions = (context: ReadContext): Promise<Dated<readonly GraphSubscription[]>> =>
  readList(context, listing, "subscriptions", new SleepBudget(context.clock));

/** Creates a subscription. A 4xx is a result and not an error: only a request shows whether a resource allows subscriptions (Graph docs: Create subscription). */
export async function createSubscription(context: WriteContext, wanted: NewSubscription): Promise<Created> {
  const endpoint = endpoints.createSubscription;
  const body = {
    changeType: wanted.changeType,
    resource: wanted.resource,
    notificationUrl: wanted.notificationUrl,
    lifecycleNotificationUrl: wanted.lifecycleUrl,
    clientState: wanted.clientState,
    expirationDateTime: new Date(wanted.expiresAt).toISOString(),
    latestSupportedTlsVersion: "v1_2",
  };
  try {
    const request = { endpoint, method: "POST", path: "subscriptions", body, priority: "low" } as const;
    const { value } = await write(context, request);
    return { kind: "created", subscription: promised(endpoint, subscription, value) };
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || error.status === undefined || error.status < 400) throw error;
    const { status, code } = error;
    return { kind: "refused", status, code };
  }
}

export async function renewSubscription(
  context: WriteContext,
  id: string,
  expiresAt: number,
): Promise<GraphSubscription | null> {
  const endpoint = endpoints.renewSubscription;
  const path = `subscriptions/${requireGuid(id, "subscription")}`;
  const body = { expirationDateTime: new Date(expiresAt).toISOString() };
  try {
    const { value } = await write(context, { endpoint, method: "PATCH", path, body, priority: "low" });
    return promised(endpoint, subscription, value);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function deleteSubscription(context: WriteContext, id: string): Promise<void> {
  const path = `subscriptions/${requireGuid(id, "subscription")}`;
  try {
    await write(context, { endpoint: endpoints.deleteSubscription, method: "DELETE", path, priority: "low" });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof GraphPermanentError && error.status === 404;
