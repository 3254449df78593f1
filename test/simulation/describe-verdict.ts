import type { Breach, PrincipalFacts, Privilege } from "./judge/evidence.ts";
import type { Verdict } from "./run-history.ts";
import { factsOf } from "./tenant/facts.ts";
import type { Principal } from "./tenant/model-tenant.ts";

interface Line {
  readonly at: number;
  readonly text: string;
}

/** One breach as a story: what the promise was, what truly happened to that principal, what the app saw, did and wrote, in order of time. */
export function describeBreach(breach: Breach, verdict: Verdict): string {
  const principal = verdict.tenant.principals.find(({ id }) => id === breach.principalId);
  const lines = [
    ...(principal === undefined
      ? []
      : [...principalLines(factsOf(principal, verdict.tenant.groups)), ...viewLines(principal)]),
    ...appLines(breach.principalId, verdict),
    { at: breach.at, text: `>>> ${breach.promise.toUpperCase()}: ${breach.why}` },
  ].sort((one, other) => one.at - other.at);
  const { mode, staleAfter, thresholds } = verdict.evidence.policy;
  return [
    `Broken: ${breach.promise}. ${breach.why}.`,
    `For ${name(breach.principalId)} (${principal?.script.kind ?? "unknown"}, ${principal?.script.listed}) at ${clock(breach.at)}.`,
    `Mode ${mode}, stale after ${staleAfter / 3_600_000} h.`,
    thresholds === null
      ? "No threshold."
      : `Thresholds: ${thresholds.planned} planned, ${thresholds.unplanned} unplanned.`,
    ...shorten(lines.map(({ at, text }) => `  ${clock(at)}  ${text}`)),
  ].join("\n");
}

function principalLines(facts: PrincipalFacts): Line[] {
  const lines = facts.sources.flatMap(({ what, role, scope, from, goneAt, firstGoneAt, forgottenAt }): Line[] => {
    const label = `${privilege({ role, scope })}, ${what}`;
    return [
      { at: from, text: `truth: holds ${label}` },
      ...line(firstGoneAt, `truth: the first view forgets ${label}`),
      ...line(goneAt, `truth: ${label} is gone from both views`),
      ...(forgottenAt === goneAt ? [] : line(forgottenAt, `truth: no stale answer shows ${label} any more`)),
    ];
  });
  const others = facts.othersRevokedAt.map((at) => ({ at, text: "truth: somebody else cuts the sessions" }));
  return [...lines, ...others, ...line(facts.deletedAt, "truth: the user is deleted")];
}

function viewLines({ holdings }: Principal): Line[] {
  return holdings.flatMap(({ role, illusions, plannedEnds, goneAt }) => [
    ...plannedEnds
      .filter(({ end }) => end < goneAt + 86_400_000)
      .map(({ end }) => ({ at: end, text: `truth: announced end of ${roleName(role)}` })),
    ...illusions.flatMap(({ what, view, share, from, to }) => [
      { at: from, text: `replicas: ${percent(share)} of reads wrongly show ${roleName(role)} as ${what} in ${view}` },
      { at: to, text: `replicas: ${roleName(role)} is right again` },
    ]),
  ]);
}

function appLines(principalId: string, { recorded, evidence, graphLog }: Verdict): Line[] {
  return [
    ...evidence.disturbances.map(({ from, what }) => ({ at: from, text: `fault: ${what} begins` })),
    ...evidence.disturbances.map(({ to, what }) => ({ at: to, text: `fault: ${what} is over, with all that follows` })),
    ...evidence.stops.map(({ from }) => ({ at: from, text: "operator: everything is stopped" })),
    ...evidence.releasedAt.map((at) => ({ at, text: "operator: releases what is held" })),
    ...recorded
      .map(({ at, by, what, properties }) => ({ at, by, what: `${what} ${JSON.stringify(properties)}` }))
      .filter(({ what }) => what.includes(principalId) || what.startsWith("start"))
      .map(({ at, by, what }) => ({ at, text: `${by}: ${readable(what)}` })),
    ...graphLog.revokes
      .filter(({ user }) => user === principalId)
      .map(({ appliedAt }) => ({ at: appliedAt, text: "TENANT: revokeSignInSessions takes effect" })),
    ...evidence.outcomes
      .filter((row) => row.principalId === principalId)
      .flatMap((row) => [
        { at: row.openedAt, text: `record: ${privilege(row)} lost, cut-off ${clock(row.cutOff)}` },
        ...line(row.closedAt, `record: outcome ${row.outcome} for ${privilege(row)}`),
      ]),
  ];
}

const line = (at: number | null, text: string): Line[] => (at === null ? [] : [{ at, text }]);

const kinds: Readonly<Record<string, string>> = {
  a: "principal",
  b: "group",
  c: "role",
  d: "unit",
  e: "assignment",
};

/** Ids end in their number: `a0000000-0000-4000-8000-000000000007` is `principal 7`, wherever it stands. */
const name = (text: string): string =>
  text.replaceAll(/([a-e])0000000-0000-4000-8000-(\d{12})/g, (id, kind, number) =>
    kinds[kind] === undefined ? id : `${kinds[kind]} ${Number(number)}`,
  );

const privilege = ({ role, scope }: Privilege): string => `${name(role)}${scope === "/" ? "" : " (scoped)"}`;
const roleName = (role: number): string => `role ${role}`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const readable = (what: string): string => name(what).replaceAll(/"/g, "");

/** `08:31:02.250`, with the day in front when it is not the first. */
function clock(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(5, 10)} ${iso.slice(11, 23)}`;
}

/** The same line again and again says nothing new. */
function shorten(lines: string[]): string[] {
  const most = 120;
  return lines.length <= most ? lines : [...lines.slice(0, most / 2), "  ...", ...lines.slice(-most / 2)];
}
