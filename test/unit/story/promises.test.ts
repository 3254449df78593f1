import { describe, expect, test } from "vitest";
import type { Exposure, StoryFacts } from "../../../local/story/facts.ts";
import { type Promised, withoutResponder, withResponder } from "../../../local/story/promises.ts";
import { time } from "./story-history.ts";

const exposure = (over: Partial<Exposure>): Exposure => ({
  client: "Outlook",
  cae: true,
  resource: "trusts-wids",
  tokenExpiresAt: time(3600),
  lastSuccess: time(1),
  firstRefusal: time(1.5),
  refusedBecause: "claimsChallenge",
  ...over,
});
const uncut = { lastSuccess: time(5), firstRefusal: null, refusedBecause: null };

const cut: StoryFacts = {
  simulation: true,
  responder: true,
  endDateTime: time(0),
  roleEnd: time(0),
  removedFromList: time(0.9),
  removedFromDirectory: time(0.9),
  removal: time(0.9),
  revokesAccepted: [time(1)],
  refreshesRefused: [
    { client: "Outlook", at: time(2) },
    { client: "desktop tool", at: time(3) },
  ],
  clients: [exposure({}), exposure({ client: "desktop tool", cae: false, ...uncut })],
};

const broken = (promises: readonly Promised[]) => promises.flatMap(({ text, kept }) => (kept ? [] : [text]));

describe("with the responder", () => {
  test("what went as promised is kept", () => {
    expect(broken(withResponder(cut))).toEqual([]);
  });

  test.each<[string, Partial<StoryFacts>, string]>([
    ["no removal", { removal: null }, "PIM removed the role from list and directory"],
    ["two revokes", { revokesAccepted: [time(1), time(2)] }, "exactly one revoke was accepted"],
    ["no revoke", { revokesAccepted: [] }, "exactly one revoke was accepted"],
    ["an early revoke", { revokesAccepted: [time(0.8)] }, "not before the role was removed"],
    ["a late revoke", { revokesAccepted: [time(2)] }, "within a second of the removal"],
    ["an Outlook that lives on", { clients: [exposure(uncut)] }, "Outlook's next call got a claims challenge"],
    ["an Outlook that refreshes", { refreshesRefused: [] }, "Outlook's refresh was refused"],
    [
      "a desktop tool that was cut",
      { clients: [exposure({}), exposure({ client: "desktop tool", cae: false })] },
      "the desktop tool's access token lives on, as stated",
    ],
  ])("%s breaks a promise", (_, over, promise) => {
    expect(broken(withResponder({ ...cut, ...over }))).toContain(promise);
  });
});

describe("without it", () => {
  const step = 60_000;
  const lived = { lastSuccess: time(3590), firstRefusal: time(3601), refusedBecause: "expired" } as const;
  const uncutStory: StoryFacts = {
    ...cut,
    responder: false,
    revokesAccepted: [],
    refreshesRefused: [],
    clients: [
      exposure(lived),
      exposure({ client: "desktop tool", cae: false, ...lived }),
      exposure({ client: "desktop tool", cae: false, resource: "looks-up-live", lastSuccess: time(0.8) }),
      exposure({ client: "desktop tool", cae: false, resource: "caches-lookup", lastSuccess: time(500) }),
    ],
  };

  test("an exposure that was lived through to the end is what was promised", () => {
    expect(broken(withoutResponder(uncutStory, step))).toEqual([]);
  });

  test("power that ended before the token did is not", () => {
    const [outlook, ...others] = uncutStory.clients;
    const early = { ...uncutStory, clients: [exposure({ ...outlook, lastSuccess: time(3000) }), ...others] };
    expect(broken(withoutResponder(early, step))).toEqual(["Outlook kept its power until its token expired"]);
  });

  test("a revoke is not", () => {
    expect(broken(withoutResponder({ ...uncutStory, revokesAccepted: [time(1)] }, step))).toEqual([
      "nothing was revoked",
    ]);
  });
});
