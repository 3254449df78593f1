import autocannon from "autocannon";
import { type Acknowledged, monotonic, type Run, withoutSignal } from "./judge.ts";
import type { BenchWorld, Subscribed } from "./world.ts";

/** How many connections the load comes over. Each sends its share of the rate at the start of every second, one after the other. */
const connections = 50;

/** Sends notifications, one per request and each about a group at random, at `rate` a second. */
export async function runAt(world: BenchWorld, rate: number, seconds: number): Promise<Run> {
  await world.takePersisted();
  const acknowledged: Acknowledged[] = [];
  const result = await autocannon({
    url: world.notificationUrl,
    method: "POST",
    headers: { "content-type": "application/json" },
    connections,
    duration: seconds,
    overallRate: rate,
    timeout: 10,
    setupClient(client) {
      let about = aGroup(world.subscriptions);
      client.setBody(bodyFor(world, about));
      client.on("response", (status, _bytes, tookMs) => {
        const answeredAt = monotonic();
        if (status === 202) acknowledged.push({ id: about.groupId, sentAt: answeredAt - tookMs, answeredAt });
        about = aGroup(world.subscriptions);
        client.setBody(bodyFor(world, about));
      });
    },
  });
  const persisted = await world.takePersisted();
  return {
    rate,
    seconds,
    answered: acknowledged.length,
    p50: result.latency.p50,
    p99: result.latency.p99,
    max: result.latency.max,
    failed: result.non2xx + result.errors,
    withoutSignal: withoutSignal(acknowledged, persisted).length,
    messages: persisted.length,
  };
}

function aGroup(subscriptions: readonly Subscribed[]): Subscribed {
  const one = subscriptions[Math.floor(Math.random() * subscriptions.length)];
  if (one === undefined) throw new Error("There is no subscription.");
  return one;
}

/** A notification as groups have them. */
function bodyFor({ tenantId }: BenchWorld, { groupId, subscriptionId, clientState, expires }: Subscribed): string {
  const resource = `Groups/${groupId}`;
  const eventTime = new Date().toISOString();
  const resourceData = { "@odata.type": "#Microsoft.Graph.Group", "@odata.id": resource, id: groupId };
  const item = {
    changeType: "updated",
    clientState,
    resource,
    subscriptionId,
    tenantId,
    subscriptionExpirationDateTime: expires,
    resourceData: { ...resourceData, organizationId: tenantId, eventTime, sequenceNumber: 1 },
  };
  return JSON.stringify({ value: [item] });
}
