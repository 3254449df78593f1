import { catchUp, overlap } from "../../shared/audit-log/catch-up.ts";
import { createAuditMemory } from "../../shared/audit-log/take-in.ts";
import type { Clock } from "../../shared/base/clock.ts";
import { deriveKeys } from "../../shared/base/keys.ts";
import { defaultTimings } from "../../shared/detection/cadences.ts";
import { createControlStore } from "../../shared/enforcement/stop-and-resume.ts";
import { createThreshold } from "../../shared/enforcement/threshold.ts";
import { createGraphClock } from "../../shared/graph/instants-and-ids.ts";
import { createLimiter } from "../../shared/graph/pace.ts";
import { unknownScope } from "../../shared/model/holding.ts";
import { readRevocation, revocationPrefix } from "../../shared/model/load-and-commit.ts";
import { auditedEnds, isRole, isRule } from "../../shared/model/pending-revocation.ts";
import { operate } from "../../shared/operators/orders.ts";
import { takeMassExpiry } from "../../shared/reconcile/mass-expiry.ts";
import { createKnownMassExpiries } from "../../shared/reconcile/mass-expiry-store.ts";
import { parseMessage, toMessage, trusted } from "../../shared/reconcile/messages.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { type ResyncDependencies, resync } from "../../shared/reconcile/resync.ts";
import { largestLimit } from "../../shared/settings/settings.ts";
import { createMessageSeal, openContent } from "../../shared/storage/seal.ts";
import { createSealedTable } from "../../shared/storage/sealed-table.ts";
import type { Telemetry } from "../../shared/telemetry/telemetry.ts";
import { behindLimiter } from "./behind-limiter.ts";
import type { AppUnderTest, ReportedEnd } from "./world/app.ts";

const secrets = { current: "the secret of every simulated app", previous: null };
const keys = deriveKeys(secrets, "seal");
const messageKeys = deriveKeys(secrets, "message");

/** Resource units per second for reading members: what is left for a few groups when many share the budget. Each is read every half minute or so. */
const sharedBudget = 0.25;

export type Change = (dependencies: ResyncDependencies) => ResyncDependencies;

const rolesOf = (ids: readonly string[] | "all") => ({ ids: new Set(ids), complete: true, problems: [] });

/** What a notification adds to a message: only one about a group's members says more than for whom a pass is needed. */
const confirmsOf = (ended: ReportedEnd) => ("group" in ended ? { confirms: ended.group } : {});

/** What a mutation changes. */
export interface CoreOptions {
  /** Of what the core is given. */
  readonly change?: Change;
  /** What stands between the core and Graph's quotas. */
  readonly limiter?: typeof createLimiter;
}

const opened = new WeakMap<object, ReturnType<typeof openContent>>();

/** The twin gives everyone who reads a row the same document, which nobody can change: its seal is verified once. */
function openOnce(...row: Parameters<typeof openContent>): ReturnType<typeof openContent> {
  const [stored] = row;
  if (typeof stored !== "object" || stored === null) return openContent(...row);
  const known = opened.get(stored);
  if (known !== undefined) return known;
  const first = openContent(...row);
  Object.freeze(first.content);
  opened.set(stored, first);
  return first;
}

const messageSeal = (clock: Pick<Clock, "now">) => createMessageSeal("principals", messageKeys, clock);

/** The real core behind the simulated ports. */
export const coreApp = ({
  change = (dependencies) => dependencies,
  limiter = createLimiter,
}: CoreOptions = {}): AppUnderTest => ({
  hint: (principalId, ended) =>
    ended === undefined
      ? toMessage({ principalId, because: "operator", tries: 0 })
      : toMessage({ principalId, because: "audit", tries: 0, ...confirmsOf(ended) }),

  report: (queue, principalId, ended, at) =>
    messageSeal({ now: () => at })
      .sealed(queue)
      .send(toMessage({ principalId, because: "audit", tries: 0, ...confirmsOf(ended) }), 0),

  readRevocation(partition, row, content) {
    if (!row.startsWith(revocationPrefix)) return undefined;
    const revocation = readRevocation({ partition, row, content });
    if (isRule(revocation)) throw new Error("The simulated app has no rule for an activity.");
    const { cutOff, progress } = revocation;
    return {
      principalId: partition,
      ...(isRole(revocation)
        ? { role: revocation.roleDefinitionId, scope: revocation.directoryScopeId }
        : { role: `${revocation.access} of ${revocation.groupId}`, scope: "/" }),
      audited: isRole(revocation) && revocation.directoryScopeId === unknownScope,
      cutOff,
      mark: revocation.threshold ?? null,
      outcome: progress.state === "closed" ? progress.outcome : null,
      verified: progress.state === "closed" && progress.outcome === "revoked" ? progress.verified : null,
    };
  },

  start({ clock, queue, telemetry: reporting, random, note, ...stored }, { policy, resyncEvery, sealed: isSealed }) {
    const telemetry: Telemetry = {
      ...reporting,
      alarm(name, properties) {
        if (name === "rowsVanished")
          throw new Error("Nobody but the app writes: rows that vanish are a fault of the app.");
        reporting.alarm(name, properties);
      },
    };
    let ids = 0;
    const seal = messageSeal(clock);
    const sealed = (name: "principals" | "state") =>
      createSealedTable(stored[name], {
        name,
        keys,
        clock,
        openRow: openOnce,
        onForged: () => {
          throw new Error("Nobody but the app writes: a row whose seal does not hold is a fault of the app.");
        },
      });
    const { principals, state } = isSealed ? { principals: sealed("principals"), state: sealed("state") } : stored;
    const { graph, groups, auditLog } = behindLimiter(stored, { graph: limiter(clock), reports: limiter(clock) });
    const dependencies = change({
      graph,
      graphClock: createGraphClock(clock),
      ...(policy.watchGroups
        ? {
            groups: {
              graph: groups,
              watched: "auto" as const,
              unitsPerSecond: sharedBudget,
              joinedSince: auditLog.joinedSince,
            },
          }
        : {}),
      principals,
      state,
      control: createControlStore(state),
      threshold: createThreshold({
        state,
        limits: policy.thresholds ?? { planned: largestLimit, unplanned: largestLimit },
        watchedUsers: async () => 0,
        async corroborates(revocation, userId) {
          for (const { principalId, privilegeId } of auditedEnds(revocation, userId)) {
            if (await auditLog.ended(principalId, privilegeId, revocation.cutOff)) return true;
          }
          return false;
        },
        clock,
        timings: defaultTimings,
        telemetry,
      }),
      signals: isSealed ? seal.sealed(queue) : queue,
      clock,
      massExpiries: createKnownMassExpiries(state, clock),
      waiting: new Set(),
      newId: () => {
        ids += 1;
        return `${Math.floor(random() * 2 ** 32).toString(16)}-${ids}`;
      },
      policy: {
        mode: policy.mode,
        staleAfter: policy.staleAfter,
        coalesceWithin: policy.coalesceWithin,

        lateExemptions: "ignore",
        stopped: false,
        included: policy.included === "all" ? "all" : new Set(policy.included),
        excluded: new Set(policy.excluded),
      },
      ...(policy.enforcedRoles === "all" ? {} : { enforcedRoles: async () => rolesOf(policy.enforcedRoles) }),
      timings: defaultTimings,
      telemetry,
      resyncEvery,
      headMemory: { known: [], heads: new Map() },
    });
    const reading = { ...dependencies, readAudits: auditLog.rows, memory: createAuditMemory(new Set(), 2 * overlap) };
    return {
      async resync() {
        await resync(dependencies);
      },
      catchUp: () => catchUp(reading),
      handleMessage: async (message) => {
        const parsed = parseMessage(message);
        if (parsed.kind === "massExpiry") return takeMassExpiry(parsed.second, dependencies);
        if (parsed.kind !== "principal") throw new Error("The simulated app gets no other messages.");
        const { signal } = parsed;
        if (signal.standby !== undefined) note("standbyCame", { principalId: signal.principalId });
        await reconcile(trusted(signal, !isSealed || seal.isOurs(message)), dependencies);
      },
      order: async (action) => {
        const what = action === "resume" ? { carryOutPending: true } : {};
        await operate({ action, reason: "simulated", ...what }, { objectId: "operator" }, dependencies);
      },
    };
  },
});
