import { randomUUID } from "node:crypto";
import { createKnownRushes } from "../assignments/known-rushes.ts";
import { errandMessage } from "../assignments/messages.ts";
import type { ResyncDependencies } from "../assignments/resync.ts";
import { loadResync } from "../assignments/resync-record.ts";
import { defaultTimings } from "../assignments/timings.ts";
import { unitsPerSecond } from "../groups/read-budget.ts";
import { begin } from "../operations/begin.ts";
import { enforcementOf, noteEnforcement } from "../operations/note-enforcement.ts";
import { webhookQueue } from "../queue-names.ts";
import { auditedEnds } from "../revocation/audited-end.ts";
import { createControlStore } from "../revocation/control.ts";
import { resolveRoles } from "../revocation/enforced-roles.ts";
import { createScopeReader } from "../revocation/scope-reader.ts";
import { createThreshold } from "../revocation/threshold.ts";
import { createCorroborator } from "../signals/corroborate.ts";
import { createJoinedSince } from "../signals/joined-since.ts";
import { rememberSuccess } from "../storage/remember-success.ts";
import { createEndNotices } from "../subscriptions/notice-ends.ts";
import type { Basis } from "./basis.ts";

/** Milliseconds: groups that are seen together are subscribed to together, the most privileged first. */
const gatherGroupsFor = 2000;

export type Core = ReturnType<typeof wireCore>;

/** What watches and revokes: assignments, groups, policy, the threshold. */
export function wireCore(basis: Basis) {
  const { settings, clock, telemetry, graph, graphClock, principals, state, signals } = basis;
  const notices = createEndNotices(state, principals, telemetry);
  const stored = createControlStore(state);
  // Nobody asks whether to revoke before it is known what the settings were before these.
  const control = {
    ...stored,
    async read() {
      await begun();
      return stored.read();
    },
  };
  const dependencies: ResyncDependencies = {
    graph,
    graphClock,
    ...groupsOf(basis),
    principals,
    state,
    control,
    threshold: thresholdOf(basis),
    signals,
    ...(settings.notify === null ? {} : { notices: basis.queue(webhookQueue) }),
    ...(settings.notify?.person?.before == null ? {} : { tellBefore: settings.notify.person.before }),
    rushes: createKnownRushes(state, clock),
    waiting: new Set(),
    clock,
    newId: randomUUID,
    policy: settings.policy,
    ...scopeOf(basis),
    timings: defaultTimings,
    telemetry: notices.telemetry,
    resyncEvery: settings.resync.intervalMs,
  };
  const begun = rememberSuccess(async () => {
    await begin(dependencies);
    await noteEnforcement(state, enforcementOf(settings), telemetry);
  });
  return { dependencies, control, notices, begun };
}

function groupsOf({
  settings,
  clock,
  telemetry,
  graph,
  readAudits,
  signals,
}: Basis): Pick<ResyncDependencies, "groups"> {
  if (settings.watchedGroups === "none") return {};
  const onFirstRead = (groupId: string) => signals.send(errandMessage({ kind: "subscribe", groupId }), gatherGroupsFor);
  return {
    groups: {
      graph,
      watched: settings.watchedGroups,
      unitsPerSecond,
      joinedSince: createJoinedSince(readAudits, telemetry, clock),
      ...(settings.subscriptions === null ? {} : { onFirstRead }),
    },
  };
}

function thresholdOf({ settings, clock, telemetry, state, readAudits }: Basis): ResyncDependencies["threshold"] {
  const corroborate = createCorroborator(readAudits, clock);
  return createThreshold({
    state,
    limits: settings.threshold,
    watchedUsers: async () => (await loadResync(state)).record?.watchedUsers ?? 0,
    async corroborates(obligation, userId) {
      for (const { principalId, privilegeId } of auditedEnds(obligation, userId)) {
        if (await corroborate(principalId, privilegeId, obligation.cutOff)) return true;
      }
      return false;
    },
    clock,
    timings: defaultTimings,
    telemetry,
  });
}

/** Who and which roles are meant, where the settings name some. */
function scopeOf({
  settings,
  clock,
  telemetry,
  graph,
  state,
}: Basis): Pick<ResyncDependencies, "scope" | "enforcedRoles"> {
  const { enforcedRoles: roles, policy } = settings;
  const { included, excluded } = policy;
  const readListed = (ids: readonly string[]) => graph.readListed(ids);
  const people = { settings: { included, excluded }, state, readListed, clock, telemetry };
  return {
    ...(included === "all" && excluded.size === 0 ? {} : { scope: createScopeReader(people) }),
    ...(roles === "all" ? {} : { enforcedRoles: () => resolveRoles(roles, graph.roleNames, telemetry) }),
  };
}
