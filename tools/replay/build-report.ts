import { countDays } from "./count-days.ts";
import { countPeople } from "./count-people.ts";
import { countPrivileges, kindOf, privilegeOf } from "./count-privileges.ts";
import { elevatedEnds } from "./elevated-ends.ts";
import { exposureOf } from "./exposure.ts";
import type { History } from "./history.ts";
import type { ReadFiles } from "./input/read-audit-files.ts";
import type { ActivityJoin, Survival } from "./join-activity.ts";
import { isOfPerson, type JudgedEnd, type Verdict } from "./judge-ends.ts";
import type { Names } from "./names.ts";
import type { RecordCounts } from "./record-class.ts";
import type { Activity, Report, ReportedEnd } from "./report.ts";

interface Findings {
  readonly reading: ReadFiles["reading"];
  readonly history: History;
  readonly judged: readonly JudgedEnd[];
  readonly names: Names;
  readonly activity: {
    readonly join: ActivityJoin;
    readonly read: Omit<Activity, "survivingCalls" | "endsOutlived">;
  } | null;
}

/** The findings in the order and the words of the output. Pure. */
export function buildReport({ reading, history, judged, names, activity }: Findings): Report {
  const ends = judged.filter(({ verdict }) => verdict !== "ordinaryGroup" && verdict !== "unsureGroup");
  const survivals = activity?.join.survivals ?? null;
  const people = countPeople(ends, names, activity?.join.survivingCalls ?? null);
  return {
    firstDay: history.firstDay,
    lastDay: history.lastDay,
    read: { ...reading, counts: settledCounts(reading.counts, history, judged) },
    privileges: countPrivileges(ends, names),
    totals: {
      ends: ends.length,
      signOuts: ends.filter(({ verdict }) => verdict === "signOut").length,
      peopleSignedOut: people.filter(({ signOuts }) => signOuts > 0).length,
      elevatedEnds: elevatedEnds(ends, history.elevations),
      verdicts: countVerdicts(judged),
    },
    exposure: exposureOf(ends.filter(isOfPerson)),
    days: countDays(ends, history),
    people,
    activity: activity && {
      ...activity.read,
      survivingCalls: [...activity.join.survivingCalls.values()].reduce((sum, calls) => sum + calls, 0),
      endsOutlived: activity.join.survivals.size,
    },
    // Only the JSON and the calls that outlived a role need them, so that they take no memory otherwise.
    get ends() {
      return ends.map((one) => reportedEnd(one, names, survivals?.get(one)));
    },
  };
}

/** The counts after rows that report one end are joined: before that a row of PIM and a row of Core Directory count separately. */
function settledCounts(read: RecordCounts, { partialEnds }: History, judged: readonly JudgedEnd[]): RecordCounts {
  const partial = new Map(partialEnds.map((one) => [one.rowId, one]));
  const completed = judged.flatMap(({ end }) => end.rowIds.flatMap((id) => partial.get(id) ?? []));
  const rowsOf = (wanted: Verdict) =>
    judged.reduce((sum, { end, verdict }) => sum + (verdict === wanted ? end.rowIds.length : 0), 0);
  const [groupRemoval, unsureGroupRemoval] = [rowsOf("ordinaryGroup"), rowsOf("unsureGroup")];
  const without = (lacks: "targets" | "category") => completed.filter((partial) => partial.lacks === lacks).length;
  return {
    ...read,
    end: read.end + without("category") - groupRemoval - unsureGroupRemoval,
    completedEnd: without("targets"),
    groupRemoval,
    unsureGroupRemoval,
    cutOffEnd: read.cutOffEnd - without("targets"),
    planelessEnd: read.planelessEnd - without("category"),
  };
}

function countVerdicts(judged: readonly JudgedEnd[]): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = {
    signOut: 0,
    sameSignOut: 0,
    externalUser: 0,
    servicePrincipal: 0,
    groupHeldRole: 0,
    ordinaryGroup: 0,
    unsureGroup: 0,
  };
  for (const { verdict } of judged) counts[verdict] += 1;
  return counts;
}

function reportedEnd(one: JudgedEnd, names: Names, survival: Survival | undefined): ReportedEnd {
  const { end, verdict, narrowed } = one;
  return {
    at: iso(end.at),
    kind: kindOf(one),
    privilegeId: privilegeOf(one),
    privilege: names.of(privilegeOf(one)),
    principalId: end.principalId,
    principal: names.of(end.principalId),
    principalType: end.principalType,
    reason: end.reason,
    verdict,
    narrowed: narrowed && { afterMinutes: Math.ceil(narrowed.after / 600) / 100, by: narrowed.by },
    survivors: survival
      ? {
          calls: survival.calls,
          first: iso(survival.first),
          last: iso(survival.last),
          examples: survival.examples.map(({ at, tokenIssuedAt, method, uri }) => ({
            at: iso(at),
            tokenIssuedAt: iso(tokenIssuedAt),
            request: `${method} ${uri}`.trim(),
          })),
        }
      : null,
    rowIds: end.rowIds,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
