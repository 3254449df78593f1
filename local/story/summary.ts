import { between, type Exposure, type StoryFacts } from "./facts.ts";
import { spell } from "./play.ts";
import { duration, say, table, title } from "./print.ts";
import type { Promised } from "./promises.ts";

/** How long each client kept its power over each kind of resource, with and without the responder. */
export function summarise(facts: StoryFacts): void {
  title("How long after the role's end each client got through");
  const headings = facts.responder
    ? ["resource", "client", "without the responder", "with it"]
    : ["resource", "client", "lived through, without the responder"];
  table([headings, ...facts.clients.map((exposure) => row(facts, exposure))]);
  if (facts.responder) {
    say(
      null,
      "without: what the tokens' expiry and the cache allow; npm start -- --once --without lives it through",
      "dim",
    );
    const delay = between(facts.removal, facts.revokesAccepted[0] ?? null);
    if (delay !== null) say(null, `From the role's removal to the accepted revoke: ${delay} ms`, "bold");
  }
}

/** The end of the story: each promise, and whether the tenant saw it. */
export function listPromises(promises: readonly Promised[]): void {
  title("What was promised, by the tenant's own history");
  for (const { text, kept } of promises) say(null, `${kept ? "kept  " : "BROKEN"}  ${text}`, kept ? "green" : "red");
}

function row(facts: StoryFacts, exposure: Exposure): readonly string[] {
  const name = `${exposure.client} (${exposure.cae ? "CAE" : "no CAE"})`;
  const cells = [spell(exposure.resource), name];
  return facts.responder
    ? [...cells, allowed(facts, exposure), observed(facts, exposure)]
    : [...cells, observed(facts, exposure)];
}

function observed({ endDateTime }: StoryFacts, exposure: Exposure): string {
  const { resource, lastSuccess, firstRefusal, tokenExpiresAt } = exposure;
  if (firstRefusal === null) {
    if (resource === "caches-lookup") return "not cut: up to 10 min";
    const left = between(endDateTime, tokenExpiresAt) ?? 0;
    return `not cut: ${duration(left)}, until ${tokenExpiresAt.slice(11, 19)}`;
  }
  return duration(Math.max(between(endDateTime, lastSuccess) ?? 0, 0));
}

function allowed({ endDateTime }: StoryFacts, { resource, tokenExpiresAt }: Exposure): string {
  if (resource === "looks-up-live") return "until PIM removes the role";
  if (resource === "caches-lookup") return "up to 10 min";
  return duration(between(endDateTime, tokenExpiresAt) ?? 0);
}
