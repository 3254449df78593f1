import { between, type Exposure, type StoryFacts } from "./facts.ts";

/** Something the story promises, and whether the tenant saw it. */
export interface Promised {
  readonly text: string;
  readonly kept: boolean;
}

export const promised = (text: string, kept: boolean): Promised => ({ text, kept });

const find = (facts: StoryFacts, cae: boolean, resource: Exposure["resource"]): Exposure | undefined =>
  facts.clients.find((exposure) => exposure.cae === cae && exposure.resource === resource);

/** A revoke that came this long after the removal, milliseconds, is too late. */
const latestRevoke = 1000;

/** With the responder. */
export function withResponder(facts: StoryFacts): readonly Promised[] {
  const { removal, revokesAccepted, refreshesRefused } = facts;
  const [revoke = null] = revokesAccepted;
  const delay = between(removal, revoke);
  const outlook = find(facts, true, "trusts-wids");
  const desktop = find(facts, false, "trusts-wids");
  const isRefused = (client: string | undefined) => refreshesRefused.some((refused) => refused.client === client);
  return [
    promised("PIM removed the role from list and directory", removal !== null),
    promised("exactly one revoke was accepted", revokesAccepted.length === 1),
    promised("not before the role was removed", delay !== null && delay >= 0),
    promised("within a second of the removal", delay !== null && delay <= latestRevoke),
    promised("Outlook's next call got a claims challenge", outlook?.refusedBecause === "claimsChallenge"),
    promised("Outlook's refresh was refused", isRefused(outlook?.client)),
    promised("the desktop tool's refresh was refused", isRefused(desktop?.client)),
    promised(
      "the desktop tool's access token lives on, as stated",
      desktop !== undefined && desktop.firstRefusal === null && desktop.lastSuccess !== null,
    ),
  ];
}

/** Without it: the exposure is lived through to the end of both tokens. `step` is the tenant's time between two calls, milliseconds. */
export function withoutResponder(facts: StoryFacts, step: number): readonly Promised[] {
  const outlook = find(facts, true, "trusts-wids");
  const desktop = find(facts, false, "trusts-wids");
  const live = find(facts, false, "looks-up-live");
  const cached = find(facts, false, "caches-lookup");
  return [
    promised("PIM removed the role from list and directory", facts.removal !== null),
    promised("nothing was revoked", facts.revokesAccepted.length === 0),
    promised("no refresh was refused", facts.refreshesRefused.length === 0),
    promised("the desktop tool kept its power until its token expired", livedUp(desktop, step)),
    promised("Outlook kept its power until its token expired", livedUp(outlook, step)),
    promised(
      "a resource that looks roles up refused at once",
      atMost(between(facts.removal, live?.lastSuccess ?? null), 0),
    ),
    promised(
      "one that caches its lookup refused within ten minutes",
      atMost(between(facts.removal, cached?.lastSuccess ?? null), 600_000),
    ),
  ];
}

const atMost = (milliseconds: number | null, bound: number): boolean => milliseconds !== null && milliseconds <= bound;

function livedUp(exposure: Exposure | undefined, step: number): boolean {
  if (exposure?.refusedBecause !== "expired") return false;
  const left = between(exposure.lastSuccess, exposure.tokenExpiresAt);
  return left !== null && left >= 0 && left <= step;
}
