import { issueOperatorToken } from "../identity/operator-tokens.ts";
import { signIn } from "../identity/sign-in.ts";
import { isoMilliseconds } from "../iso-time.ts";
import { challengeRevoked } from "../notifications/challenge.ts";
import { Refusal } from "../refusal.ts";
import type { storeNames, Tenant } from "../tenant.ts";
import * as messages from "./messages.ts";
import { type ControlRoute, route, wholeNumber } from "./route.ts";

/** Time, replication, faults, settings, sign-ins and the history. */
export const worldRoutes: readonly ControlRoute[] = [
  route("GET", /^\/clock$/, messages.emptySchema, ({ tenant }) => clockOf(tenant)),
  route("POST", /^\/clock$/, messages.clockSchema, ({ tenant }, { scale, jumpMs }) => {
    if (scale !== undefined) tenant.clock.setScale(scale);
    if (jumpMs !== undefined) tenant.clock.jump(jumpMs);
    return clockOf(tenant);
  }),
  route("POST", /^\/replication$/, messages.replicationSchema, ({ tenant }, { store, ...settings }) =>
    tenant[store].configure(settings),
  ),
  route("POST", /^\/replication\/hold$/, messages.replicaSchema, ({ tenant }, body) => replicaOf(tenant, body).hold()),
  route("POST", /^\/replication\/release$/, messages.replicaSchema, ({ tenant }, body) =>
    replicaOf(tenant, body).release(),
  ),
  route("POST", /^\/faults$/, messages.faultSchema, ({ tenant }, body) => tenant.faults.add(body)),
  route("DELETE", /^\/faults$/, messages.emptySchema, ({ tenant }) => tenant.faults.clear()),
  route(
    "PATCH",
    /^\/settings$/,
    messages.settingsSchema,
    ({ tenant }, { removal, quotas, audit, notifications, ...plain }) => {
      const { settings } = tenant;
      Object.assign(settings, plain);
      if (plain.permissions !== undefined) challengeRevoked(tenant);
      Object.assign(settings.removal, removal);
      Object.assign(settings.quotas, quotas);
      Object.assign(settings.audit, audit);
      Object.assign(settings.notifications, notifications);
      return settings;
    },
  ),
  route("POST", /^\/sign-in$/, messages.signInSchema, ({ tenant }, body) => signIn(tenant, body)),
  route("POST", /^\/operator-token$/, messages.operatorSchema, async ({ tenant }, body) => {
    const { roles, objectId = tenant.random.guid() } = body;
    return { accessToken: await issueOperatorToken(tenant, { objectId, roles }), objectId };
  }),
  route("GET", /^\/history$/, messages.emptySchema, async ({ tenant, url }) => {
    const after = wholeNumber(url, "after");
    await tenant.history.wait(after, wholeNumber(url, "waitMs"));
    return { events: tenant.history.since(after) };
  }),
  route("POST", /^\/reset$/, messages.emptySchema, ({ reset }) => reset()),
];

function clockOf({ clock }: Tenant) {
  return { now: isoMilliseconds(clock.now()), scale: clock.scale };
}

function replicaOf(tenant: Tenant, { store, replica }: { store: (typeof storeNames)[number]; replica: number }) {
  const { replicas, hold, release } = tenant[store];
  if (replica >= replicas) throw new Refusal(400, "NoSuchReplica", `the store has ${replicas} replica(s)`);
  return { hold: () => hold(replica), release: () => release(replica) };
}
