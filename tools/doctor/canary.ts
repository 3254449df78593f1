import type { TokenCredential } from "@azure/identity";
import type { Clock } from "../../shared/base/clock.ts";
import { loadDeliveries } from "../../shared/notifications/reliability.ts";
import { loadSubscriptions, type SubscriptionRecord } from "../../shared/notifications/subscription-record.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { Table } from "../../shared/storage/table.ts";
import type { Finding } from "./finding.ts";

const check = "canary";
/** Milliseconds. Ten minutes are the longest delay of a group's notification that was reported (docs/platform-facts.md). */
const patience = 15 * 60_000;
const readEvery = 1000;
/** Milliseconds between two notes of a subscription's deliveries by the app: an earlier second delivery would not show. */
const apart = 11_000;

interface Canary {
  readonly settings: Pick<Settings, "graph">;
  /** Token of an administrator who may change the group: the app's own identity may not, and should not. */
  readonly credential: TokenCredential;
  readonly state: Table;
  readonly clock: Clock;
  /** Object ids of a watched test group and of a test user who is not in it. */
  readonly groupId: string;
  readonly userId: string;
}

/**
 * Proves the way from Graph to the app's storage: adds a test user to a watched test group and removes them again, and waits each time until the
 * running app has noted an authentic notification. A user who was a member before is left alone.
 */
export async function sendCanary(canary: Canary): Promise<readonly Finding[]> {
  const { groupId, state } = canary;
  const record = subscriptionOf(groupId, [...(await loadSubscriptions(state)).values()]);
  if (record === null) {
    return [
      bad(
        `The app has no subscription to the group ${groupId}.`,
        `WATCHED_GROUPS=${groupId} (or a group that can hold roles, with auto), and a running app that Graph can reach`,
      ),
    ];
  }
  const noted = async () => (await loadDeliveries(state)).find((one) => one.resource === record.resource)?.at ?? 0;
  const beforeAdding = await noted();
  const status = await changeMembership(canary, "POST");
  if (!isTaken(status)) return [refused("Adding", status, canary)];
  const findings: Finding[] = [];
  let removed = 0;
  let beforeRemoving = 0;
  try {
    findings.push(await delivered("Adding", canary, noted, beforeAdding));
    await canary.clock.sleep(apart);
  } finally {
    // Also after a failure, a test user whom this check added is removed again.
    beforeRemoving = await noted().catch(() => Number.POSITIVE_INFINITY);
    removed = await changeMembership(canary, "DELETE");
  }
  const isRemoved = isTaken(removed);
  findings.push(
    isRemoved ? await delivered("Removing", canary, noted, beforeRemoving) : refused("Removing", removed, canary),
  );
  return findings;
}

const isTaken = (status: number): boolean => status >= 200 && status < 300;

const subscriptionOf = (groupId: string, records: readonly SubscriptionRecord[]): SubscriptionRecord | null =>
  records.find((one) => one.id !== null && one.source === "groups" && (one.groupId ?? groupId) === groupId) ?? null;

type Act = "Adding" | "Removing";

const refused = (act: Act, status: number, canary: Canary): Finding =>
  bad(`${act} the test user was refused with ${status}.`, causeOf(status, canary));

/** Waits until the app has noted a delivery later than `before`. */
async function delivered(act: Act, { clock }: Canary, noted: () => Promise<number>, before: number): Promise<Finding> {
  const startedAt = clock.monotonic();
  while (clock.monotonic() - startedAt < patience) {
    const waited = ((clock.monotonic() - startedAt) / 1000).toFixed(0);
    if ((await noted()) > before) {
      return {
        check,
        state: "good",
        what: `${act} the test user: the app took Graph's notification after ${waited} s.`,
      };
    }
    await clock.sleep(readEvery);
  }
  return bad(
    `${act} the test user: no notification arrived within a quarter of an hour.`,
    "npm run doctor says whether the address can be reached; GET /api/health, sources. Others have seen Graph lose notifications: try again",
  );
}

/** Graph docs: Add members, Remove member. Resolves to the status. */
async function changeMembership({ settings, credential, groupId, userId }: Canary, method: "POST" | "DELETE") {
  const { baseUrl, scope } = settings.graph;
  const token = (await credential.getToken(scope))?.token ?? "";
  const members = `${baseUrl}/v1.0/groups/${groupId}/members`;
  const [url, body] =
    method === "POST"
      ? [`${members}/$ref`, JSON.stringify({ "@odata.id": `${baseUrl}/v1.0/directoryObjects/${userId}` })]
      : [`${members}/${userId}/$ref`, null];
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  // An administrator's token is sent only to the Graph endpoint of the settings.
  const response = await fetch(url, { method, headers, body, redirect: "manual" });
  await response.body?.cancel();
  return response.status;
}

function causeOf(status: number, { groupId, userId }: Canary): string {
  if (status === 400) return "Name a test user who is not a member: nothing was changed";
  if (status === 404) return `az ad group show --group ${groupId}; az ad user show --id ${userId}`;
  return "az login as a person who may change the group's members: its owner, or Groups Administrator; a group that can hold roles takes Privileged Role Administrator";
}

const bad = (what: string, fix: string): Finding => ({
  check,
  state: "bad",
  what,
  why: "That Graph's notifications reach the app is not proven.",
  fix,
});
