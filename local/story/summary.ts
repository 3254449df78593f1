import { revokedAfter, spellResource } from "./clients.ts";
import { between, type Exposure, type StoryFacts } from "./facts.ts";
import { dayAndTimeOf, duration, say, timeOf, title } from "./print.ts";
import type { Promised } from "./promises.ts";
import type { Block } from "./script.ts";

/** How long each client kept its power over each kind of resource, with and without the app. */
export function summarise(facts: StoryFacts): readonly Block[] {
  const headings = facts.responder
    ? ["resource", "client", "without the app", "with it"]
    : ["resource", "client", "lived through, without the app"];
  return [
    {
      title: "How long after the role's end each client got through",
      rows: [headings, ...facts.clients.map((exposure) => row(facts, exposure))],
      lines: facts.responder ? measured(facts) : [lastCalls],
    },
  ];
}

/** The clock runs 300 and 6,000 times as fast, and a client calls every 0.2 s of ours. */
const lastCalls: Block["lines"][number] = {
  text: "each figure ends with the last call that got through: on this fast clock there is one call in 1 to 20 minutes",
  style: "dim",
};

function measured({ endDateTime, removal, revokesAccepted }: StoryFacts): Block["lines"] {
  const revoke = revokesAccepted[0] ?? null;
  const delay = between(removal, revoke);
  const fromEnd = between(endDateTime, revoke);
  return [
    {
      text: "without: what the tokens' expiry and the cache allow; npm start -- --once --without lives it through",
      style: "dim",
    },
    ...(fromEnd === null ? [] : [{ text: `From the role's end: ${revokedAfter(fromEnd)}` }]),
    ...(delay === null
      ? []
      : [
          {
            text: `From the removal to the accepted revoke, which is the app's own part: ${delay} ms`,
            style: "bold",
          } as const,
        ]),
  ];
}

/** The end of the story: each promise, whether the simulated tenant saw it, and how many it saw. */
export function listPromises(promises: readonly Promised[]): void {
  title("What was promised, by the simulated tenant's own history");
  for (const { text, kept } of promises) say(null, `${kept ? "kept  " : "BROKEN"}  ${text}`, kept ? "green" : "red");
}

export const countPromises = (promises: readonly Promised[]): string =>
  `${promises.filter(({ kept }) => kept).length} of ${promises.length} promises kept.`;

function row(facts: StoryFacts, exposure: Exposure): readonly string[] {
  const name = `${exposure.client} (${exposure.cae ? "CAE" : "no CAE"})`;
  const cells = [spellResource(exposure.resource), name];
  return facts.responder
    ? [...cells, allowed(facts, exposure), withIt(facts, exposure)]
    : [...cells, duration(Math.max(between(facts.endDateTime, exposure.lastSuccess) ?? 0, 0))];
}

/** What was refused because of the revoke is shown up to the revoke: the delay of CAE is no measurement. */
function withIt({ endDateTime, revokesAccepted }: StoryFacts, exposure: Exposure): string {
  const { resource, lastSuccess, firstRefusal, refusedBecause, tokenExpiresAt } = exposure;
  if (firstRefusal === null) {
    if (resource === "caches-lookup") return "not cut: up to 10 min";
    const left = between(endDateTime, tokenExpiresAt) ?? 0;
    return `not cut: ${duration(left)}, until ${momentOf(tokenExpiresAt, endDateTime)}`;
  }
  const cut = between(endDateTime, revokesAccepted[0] ?? null);
  if (refusedBecause === "claimsChallenge" && cut !== null) return `${duration(cut)}, plus CAE`;
  return duration(Math.max(between(endDateTime, lastSuccess) ?? 0, 0));
}

const momentOf = (at: string, from: string): string =>
  (at.slice(0, 10) === from.slice(0, 10) ? timeOf(at) : dayAndTimeOf(at)).slice(0, -4);

function allowed({ endDateTime }: StoryFacts, { resource, tokenExpiresAt }: Exposure): string {
  if (resource === "looks-up-live") return "until PIM removes the role";
  if (resource === "caches-lookup") return "up to 10 min";
  return duration(between(endDateTime, tokenExpiresAt) ?? 0);
}
