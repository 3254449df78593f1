import { scriptedEnd } from "../around-ends.ts";
import type { FaultWindow, HoldingScript, MemberScript } from "../history.ts";
import { assumed } from "../tenant/assumed.ts";
import { between } from "../world/random.ts";
import { hidden } from "./lags.ts";
import { changed, one } from "./pressed.ts";

const second = 1000;
const minute = 60 * second;

/** Graph, or the app, is away around the first ends. */
export const outages = changed((history, random) => {
  const ends = history.principals.flatMap(({ holdings }) => holdings.map(scriptedEnd));
  const faults = ends
    .filter((end) => end > 0 && end < 45 * minute)
    .slice(0, 4)
    .map((end): FaultWindow => {
      const kind = one(random, ["graphUnavailable", "graphThrottled", "graphTimeout", "downtime"]);
      return {
        kind,
        from: Math.max(0, end - between(random, 0, 3 * minute)),
        for: between(random, 30 * second, 6.5 * minute),
        share: 1,
        seconds: kind === "graphThrottled" ? 20 : 0,
      };
    });
  return { ...history, faults: [...faults, ...history.faults.slice(0, 2)] };
});

/** Both views deny what is new right before Graph is away for a while, and once more when it is back. */
export const deniedAroundOutage = changed((history, random) => {
  const from = between(random, 2 * minute, 25 * minute);
  const first = between(random, 2 * second, 40 * second);
  const away = first + assumed.newSource - between(random, second, 30 * second);
  const again = first + assumed.newSource + assumed.oneLag + second;
  const back = again + between(random, 0, 10 * second);
  const lag = (after: number) => hidden("both", after, assumed.newSource);
  return {
    ...history,
    faults: [{ kind: "graphUnavailable", from: from + away, for: back - away, share: 1, seconds: 0 }],
    principals: history.principals.map((principal) => ({
      ...principal,
      holdings: principal.holdings.map((holding, index) =>
        index > 0
          ? holding
          : { ...holding, from, appears: { list: 0, directory: 0 }, illusions: [lag(first), lag(again)] },
      ),
    })),
  };
});

/** More than half of all calls take effect and are not answered. */
export const uncertainCalls = changed((history, random) => {
  const kind = one(random, ["revokeAppliedThenTimeout", "revokeAppliedThenLost", "revokeHungThenApplied"]);
  return { ...history, faults: [{ kind, from: 0, for: 55 * minute, share: 0.6, seconds: 0 }, ...history.faults] };
});

/** Half of all messages are lost for as long as roles end. */
export const lostMessages = changed((history) => ({
  ...history,
  faults: [{ kind: "messageLost", from: 0, for: 55 * minute, share: 0.5, seconds: 0 }],
}));

/** Nobody is a user. */
export const services = changed((history) => ({
  ...history,
  principals: history.principals.map((principal) => ({ ...principal, kind: "servicePrincipal" })),
}));

/** The app is away for so long that the announced end of everybody's own role is stale when it is back; a group gave them the same role for longer. */
export const staleBesideGroup = changed((history, random) => {
  const group = history.groups.find(({ role }) => role !== null);
  if (group === undefined || group.role === null) return history;
  const from = -15 * minute;
  const away = between(random, 2 * minute, 10 * minute);
  const back = away + between(random, 90 * minute, 300 * minute);
  const last = back - between(random, 2 * minute, 50 * minute) - from;
  const losesRole = random() < 0.5;
  const shown = { from, extension: null, illusions: [], appears: { list: 0, directory: 0 } };
  const role: HoldingScript = { ...group.role, ...shown, scoped: false, kind: "permanent" };
  const members = history.principals.slice(0, 4).map(
    (_, principal): MemberScript => ({
      principal,
      access: "member",
      kind: one(random, ["permanent", "outsidePim"]),
      from,
      plannedFor: last,
      end: { how: "leaves", after: losesRole ? 2 * last : last },
      removal: { list: second, directory: 2 * second },
    }),
  );
  return {
    ...history,
    policy: { ...history.policy, staleAfter: 60 * minute, watchGroups: true },
    groups: [{ role: { ...role, end: { how: "removed", after: losesRole ? last : 2 * last } }, members, within: null }],
    faults: [{ kind: "downtime", from: away, for: back - away, share: 1, seconds: 0 }],
    principals: history.principals.map((principal) => ({
      ...principal,
      holdings: principal.holdings.slice(0, 1).map(
        (own): HoldingScript => ({
          ...own,
          ...shown,
          role: role.role,
          scoped: false,
          kind: "activated",
          plannedFor: away - from + between(random, minute, 15 * minute),
          end: { how: "expires" },
        }),
      ),
    })),
  };
});
