import { expect, test } from "vitest";
import { type Corroborates, createThreshold } from "../../../shared/enforcement/threshold.ts";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aRevocation, aState, at } from "../../fixtures/principal-builders.ts";

/** Of three ends, so many that all are held unless the audit log shows them: the cleared ones, with their marks. */
async function clearedBy(corroborates: Corroborates) {
  const { dependencies, recorded } = createFakeWorld();
  const limits = { planned: 0, unplanned: 0 };
  const threshold = createThreshold({ ...dependencies, limits, watchedUsers: async () => 0, corroborates });
  const due = ["a", "b", "c"].map((key) => aRevocation({ key }));
  const { cleared, consulted } = await threshold({ state: aState({ revocations: due }), due, held: [] }, at(70));
  expect(consulted).toBe(true);
  return { cleared: Object.fromEntries(cleared), recorded };
}

test("shows which ends the audit log confirms, of the user in question", async () => {
  const asked: string[] = [];
  const { cleared } = await clearedBy(async ({ key }, principalId) => {
    asked.push(principalId);
    return key !== "b";
  });
  expect(cleared).toEqual({ a: "corroborated", c: "corroborated" });
  expect(asked).toEqual([jane, jane, jane]);
});

test("an audit log that cannot be read confirms nothing, and that is reported", async () => {
  const { cleared, recorded } = await clearedBy(async ({ key }) => {
    if (key === "a") return true;
    throw new GraphPermanentError("The audit log may not be read.", {
      code: "Authorization_RequestDenied",
      status: 403,
    });
  });
  expect(cleared).toEqual({ a: "corroborated" });
  expect(recorded.filter(({ name }) => name === "corroborationFailed")).toMatchObject([
    { properties: { principalId: jane, status: 403 } },
  ]);
});

test("any other failure is not swallowed", async () => {
  const broken = async () => {
    throw new TypeError("a fault of ours");
  };
  await expect(clearedBy(broken)).rejects.toThrow(TypeError);
});
