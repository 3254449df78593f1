import { GraphRefusal } from "../graph/graph-error.ts";
import type { Tenant } from "../tenant.ts";
import { callEndpoint } from "./call-endpoint.ts";

/**
 * The handshake of Graph docs: change-notifications-delivery-webhooks: the endpoint must send the decoded token back, as text and
 * nothing else, within ten seconds. Throws the 400 that the caller of `POST /subscriptions` gets.
 */
export async function validateEndpoint(tenant: Tenant, url: string): Promise<void> {
  // Characters that are lost by an endpoint that does not decode, or decodes twice.
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${tenant.random.guid()} +%2B/=&ü`;
  const target = new URL(url);
  target.search = `${target.search === "" ? "?" : `${target.search}&`}validationToken=${encodeURIComponent(token)}`;
  const answer = await callEndpoint(target.href, {
    contentType: "text/plain; charset=utf-8",
    body: "",
    withinMs: tenant.settings.notifications.validationMs,
    signal: tenant.deliveries.stopped,
  });
  const isText = /^text\/plain\s*(;|$)/i.test(answer.contentType);
  const valid = answer.status === 200 && isText && answer.text === token;
  const outcome = answer.problem ?? (valid ? "valid" : "wrongAnswer");
  const { status, tookMs } = answer;
  tenant.history.record({ event: "endpointValidated", url, outcome, status, tookMs: Math.round(tookMs) });
  if (outcome === "valid") return;
  // Codes and messages as seen in public reports.
  if (outcome !== "wrongAnswer") {
    throw new GraphRefusal(400, "InvalidRequest", "Subscription validation request timed out.");
  }
  const message =
    "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.";
  throw new GraphRefusal(400, "ValidationError", message);
}
