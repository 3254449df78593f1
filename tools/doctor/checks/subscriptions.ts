import { isGraphError } from "../../../shared/graph/errors.ts";
import type { GraphSubscription } from "../../../shared/graph/graph.ts";
import { endpointsAt } from "../../../shared/notifications/create-and-renew.ts";
import { isOurs, quota } from "../../../shared/notifications/plan.ts";
import { loadDeliveries } from "../../../shared/notifications/reliability.ts";
import {
  isProbe,
  loadSubscriptions,
  type SubscriptionRecord,
} from "../../../shared/notifications/subscription-record.ts";
import { isStorageError } from "../../../shared/storage/table.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";

const check = "subscriptions";
/** Milliseconds. The app renews subscriptions every 45 minutes, and they live for weeks. One so near its end has not been renewed for long. */
const nearItsEnd = 24 * 3_600_000;

/** Compares each recorded subscription with Graph's list and with its last delivery, and finds subscriptions without a record. */
export const checkSubscriptions: Check = async ({ graph, state, settings, clock }) => {
  if (settings.subscriptions === null) return [];
  try {
    const records = [...(await loadSubscriptions(state)).values()];
    const lastAt = new Map((await loadDeliveries(state)).map(({ resource, at }) => [resource, at]));
    const { value: listed } = await graph.listSubscriptions();
    const endpoints = endpointsAt(settings.subscriptions.baseUrl);
    const recorded = new Set(records.map(({ id }) => id));
    const strays = listed.filter(({ id, notificationUrl }) => !recorded.has(id) && isOurs(notificationUrl, endpoints));
    const others = listed.filter(({ id, notificationUrl }) => !recorded.has(id) && !isOurs(notificationUrl, endpoints));
    const groups = records.filter(({ source, id }) => source === "groups" && id !== null);
    return [
      ...(records.length === 0 ? [none] : []),
      ...records.map((record) => judge(record, listed, lastAt.get(record.resource) ?? null, endpoints, clock.now())),
      ...(groups.length >= quota ? [full] : []),
      ...(strays.length > 0 ? [unrecorded(strays.length)] : []),
      ...(others.length > 0 ? [foreign(others.length)] : []),
    ];
  } catch (error) {
    if (!isGraphError(error) && !isStorageError(error)) throw error;
    return [{ check, state: "unknown", what: `The subscriptions could not be read: ${error.code}.` }];
  }
};

function judge(
  record: SubscriptionRecord,
  listed: readonly GraphSubscription[],
  deliveredAt: number | null,
  { notificationUrl }: ReturnType<typeof endpointsAt>,
  now: number,
): Finding {
  const { resource, id, failure, source } = record;
  if (failure?.unsupported === true) {
    return good(check, `${resource}: Graph does not offer it (${failure.code}); it is asked again once a day`);
  }
  if (id === null || failure !== null) {
    const { code = "unknown", reason = "" } = failure ?? {};
    return bad(
      `${resource}: ${id === null ? "there is none" : "it was not renewed"}: ${code}.${reason === "" ? "" : ` ${reason}`}`,
      /Forbidden|Denied/.test(code) ? grant : restart,
    );
  }
  const known = listed.find((one) => one.id === id);
  if (known === undefined) return bad(`${resource}: Graph does not know the subscription ${id} any more.`);
  if (known.notificationUrl !== notificationUrl) {
    return bad(`${resource}: it sends to ${known.notificationUrl ?? "nowhere"} and not to ${notificationUrl}.`);
  }
  if (known.expiresAt - now < nearItsEnd) {
    return bad(`${resource}: it ends at ${new Date(known.expiresAt).toISOString()} and has not been renewed.`);
  }
  if (deliveredAt === null) {
    return {
      check,
      state: "unknown",
      what: `${resource}: accepted, and nothing has arrived yet.`,
      why: "Graph is known to accept what it does not deliver: only a delivery proves it.",
      fix: isProbe(source)
        ? "Nothing: no document promises it, and the other sources do its work"
        : "npm run doctor -- --canary GROUP --member USER   # adds a test user to a watched test group, and removes them",
    };
  }
  return good(
    check,
    `${resource}: until ${new Date(known.expiresAt).toISOString()}, last delivered ${new Date(deliveredAt).toISOString()}`,
  );
}

const restart = "The app makes it anew within a minute or two if it runs: GET /api/health, sources; else restart it";

/** Graph answers 403 both for a missing permission and for a quota that is used up (Graph docs: change notifications overview). */
const grant =
  "Grant Group.Read.All, or the quota of subscriptions is used up: az rest --url https://graph.microsoft.com/v1.0/subscriptions";

const bad = (what: string, fix = restart): Finding => ({
  check,
  state: "bad",
  what,
  why: "Until it is mended, what it would have reported is found by polling and the audit log.",
  fix,
});

const none: Finding = {
  check,
  state: "warning",
  what: "The app has made no subscription yet, not even a try.",
  why: "It asks for those of the watched groups, and for two that Graph does not offer today, within a minute of its start.",
  fix: "GET /api/live, then GET /api/health: does it run, in another mode than off?",
};

const full: Finding = {
  check,
  state: "warning",
  what: `All ${quota} subscriptions that Graph allows one app are used.`,
  why: "Groups beyond them, the least privileged, are polled.",
  fix: "GRAPH_SUBSCRIPTIONS=allGroups, or name fewer groups in WATCHED_GROUPS",
};

const unrecorded = (count: number): Finding => ({
  check,
  state: "warning",
  what: `${count} subscriptions send to this app without a record of it.`,
  why: "What they bring is not believed; the app removes them at its next turn.",
  fix: "Nothing, if the app runs; look again in a minute",
});

const foreign = (count: number): Finding => ({
  check,
  state: "warning",
  what: `${count} subscriptions of this identity send elsewhere.`,
  why: "Another deployment shares the identity, and with it Graph's quotas and the right to sign out everybody.",
  fix: "az rest --url https://graph.microsoft.com/v1.0/subscriptions   # as that identity; give each deployment its own",
});
