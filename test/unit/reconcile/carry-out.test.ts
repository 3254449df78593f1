import { describe, expect, test } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { carryOut } from "../../../shared/reconcile/pass.ts";
import { StorageRefusedError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { aroundCommits } from "../../fixtures/deliver.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { anAttempt, aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

/** Jane's end and the attempt on it are committed; the lease is ours. */
async function leased() {
  const world = createFakeWorld();
  world.goTo(at(62));
  const state = aState({ revocations: [aRevocation()], attempt: anAttempt({ writtenAt: null }) });
  const committed = await storePrincipal(world.principals, state);
  const stored = async () => (await loadPrincipal(world.principals, jane)).state;
  return { world, committed, stored };
}

test("the call is made once and recorded as accepted", async () => {
  const { world, committed, stored } = await leased();
  await carryOut(committed, at(62), false, world.dependencies);
  expect(world.shown.revokedAt).toEqual([at(62)]);
  expect((await stored()).revocations.get(janesKey)?.progress).toEqual({ state: "accepted", acceptedAt: at(62) });
  expect(world.recordedNames()).toEqual(["revokeAccepted"]);
});

test("without an attempt there is nothing to carry out", async () => {
  const { world, committed } = await leased();
  await carryOut({ ...committed, state: { ...committed.state, attempt: null } }, at(62), false, world.dependencies);
  expect(world.shown.revokedAt).toEqual([]);
});

test("no call starts with less than fifteen seconds of the lease left: the attempt stays open", async () => {
  const { world, committed, stored } = await leased();
  world.goTo(at(62 + 45) + 1);
  await carryOut(committed, at(62), false, world.dependencies);
  expect(world.shown.revokedAt).toEqual([]);
  expect((await stored()).attempt?.state).toBe("open");
  expect(world.recordedNames()).toEqual(["leaseOver"]);
  world.goTo(at(62 + 45));
  await carryOut(committed, at(62), false, world.dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
});

describe("the result is recorded", () => {
  test("on what another instance committed meanwhile", async () => {
    const { world, committed, stored } = await leased();
    const later = aRevocation({ key: "later" });
    const current = (await loadPrincipal(world.principals, jane)).state;
    await storePrincipal(world.principals, {
      ...current,
      revocations: new Map([...current.revocations, ["later", later]]),
    });
    await carryOut(committed, at(62), false, world.dependencies);
    expect(world.shown.revokedAt).toHaveLength(1);
    expect((await stored()).revocations.get(janesKey)?.progress.state).toBe("accepted");
    expect((await stored()).revocations.get("later")).toEqual(later);
  });

  test("not at all once another attempt has taken over", async () => {
    const { world, committed, stored } = await leased();
    const current = (await loadPrincipal(world.principals, jane)).state;
    await storePrincipal(world.principals, { ...current, attempt: anAttempt({ id: "another" }) });
    await carryOut(committed, at(62), false, world.dependencies);
    expect((await stored()).attempt).toMatchObject({ id: "another", state: "open" });
    expect((await stored()).revocations.get(janesKey)?.progress.state).toBe("pending");
  });

  test("again when storage fails for a moment, without a second call", async () => {
    const { world, committed, stored } = await leased();
    let failures = 2;
    const flaky = aroundCommits(world, async (commit) => {
      failures -= 1;
      if (failures >= 0) throw new StorageUnavailableError("storage did not answer");
      return commit();
    });
    await carryOut(committed, at(62), false, flaky);
    expect(world.shown.revokedAt).toHaveLength(1);
    expect((await stored()).attempt?.state).toBe("accepted");
  });

  test("by no instance when storage stays away: the attempt stays open, to be read back, and that is reported", async () => {
    const { world, committed, stored } = await leased();
    await carryOut(
      committed,
      at(62),
      false,
      aroundCommits(world, () => Promise.reject(new StorageUnavailableError("away"))),
    );
    expect(world.shown.revokedAt).toHaveLength(1);
    expect((await stored()).attempt?.state).toBe("open");
    expect(world.recordedNames()).toEqual(["revokeAccepted", "resultUnrecorded"]);
  });

  test("or the failure is thrown when trying again cannot mend it", async () => {
    const { world, committed } = await leased();
    const refusing = aroundCommits(world, () => Promise.reject(new StorageRefusedError("403")));
    await expect(carryOut(committed, at(62), false, refusing)).rejects.toThrow(StorageRefusedError);
  });

  test("and all instances learn of a throttled tenant", async () => {
    const { world, committed } = await leased();
    world.shown.revoke = () =>
      Promise.reject(
        new GraphRetryableError("429", {
          code: "TooManyRequests",
          status: 429,
          reason: "throttled",
          retryAfter: 30_000,
        }),
      );
    await carryOut(committed, at(62), false, world.dependencies);
    expect((await world.dependencies.control.read()).throttledUntil).toBe(at(92));
    expect(world.recorded).toMatchObject([
      { name: "revokeFailed", properties: { code: "TooManyRequests", status: 429, requestId: null } },
    ]);
  });
});

test.each([
  { isRestricted: true, code: "managementRestricted", cure: "at the scope of that unit" },
  { isRestricted: false, code: "Authorization_RequestDenied", cure: "Grant the permission" },
])(
  "a refusal names the true cause and cure: in a restricted unit, $isRestricted",
  async ({ isRestricted, code, cure }) => {
    const { world, committed, stored } = await leased();
    const refused = new GraphPermanentError("Grant the permission.", {
      code: "Authorization_RequestDenied",
      status: 403,
    });
    const graph = { ...world.dependencies.graph, revokeSignInSessions: () => Promise.reject(refused) };
    await carryOut(committed, at(62), isRestricted, { ...world.dependencies, graph });
    expect(world.recorded).toMatchObject([
      { name: "revokeRefused", properties: { code, status: 403, message: expect.stringContaining(cure) } },
    ]);
    expect((await stored()).revocations.get(janesKey)?.progress).toMatchObject({ heldBy: `refused:${code}` });
  },
);
