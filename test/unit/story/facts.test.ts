import { expect, test } from "vitest";
import type { ClientSession } from "../../../local/story/client-session.ts";
import { between, collectFacts, differences } from "../../../local/story/facts.ts";
import { cast, jane, janesStory, time } from "./story-history.ts";

const session = (name: string, cae: boolean): ClientSession => ({
  name,
  cae,
  expiresAt: time(3600),
  work: async () => new Map(),
  refresh: async () => false,
});
const clients = [session("Outlook", true), session("desktop tool", false)];
const facts = collectFacts(janesStory, cast, clients, true);

test("the facts are those of the tenant's history, about Jane alone", () => {
  expect(facts).toMatchObject({
    endDateTime: time(0),
    roleEnd: time(0),
    removedFromList: time(0.9),
    removedFromDirectory: time(1),
    removal: time(1),
    revokesAccepted: [time(1.1)],
    refreshesRefused: [{ client: "Outlook", at: time(1.6) }],
  });
  expect(facts.clients).toHaveLength(8);
  expect(facts.clients.find(({ client, resource }) => client === "Outlook" && resource === "trusts-wids")).toEqual({
    client: "Outlook",
    cae: true,
    resource: "trusts-wids",
    tokenExpiresAt: time(3600),
    lastSuccess: time(1.2),
    firstRefusal: time(1.5),
    refusedBecause: "claimsChallenge",
  });
});

test("differences are milliseconds; what has not happened has none", () => {
  expect(differences(facts)).toMatchObject({ endToRemoval: 1000, removalToRevokeAccepted: 100 });
  expect(between(null, jane)).toBeNull();
  const nothing = collectFacts([], cast, clients, true);
  expect(nothing).toMatchObject({ removal: null, revokesAccepted: [] });
  expect(differences(nothing)).toMatchObject({ endToRemoval: null, removalToRevokeAccepted: null });
});
