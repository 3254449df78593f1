import { expect, test } from "vitest";
import { findCorroborated } from "../../../shared/enforcement/threshold.ts";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aRevocation } from "../../fixtures/principal-builders.ts";

const revocations = ["a", "b", "c"].map((key) => aRevocation({ key }));

test("shows which ends the audit log confirms, of the user in question", async () => {
  const { dependencies } = createFakeWorld();
  const asked: string[] = [];
  const found = await findCorroborated(
    jane,
    revocations,
    async ({ key }, principalId) => {
      asked.push(principalId);
      return key !== "b";
    },
    dependencies.telemetry,
  );
  expect(found).toEqual(["a", "c"]);
  expect(asked).toEqual([jane, jane, jane]);
});

test("an audit log that cannot be read confirms nothing, and that is reported", async () => {
  const { dependencies, recorded } = createFakeWorld();
  const found = await findCorroborated(
    jane,
    revocations,
    async ({ key }) => {
      if (key === "a") return true;
      throw new GraphPermanentError("The audit log may not be read.", {
        code: "Authorization_RequestDenied",
        status: 403,
      });
    },
    dependencies.telemetry,
  );
  expect(found).toEqual(["a"]);
  expect(recorded).toMatchObject([{ name: "corroborationFailed", properties: { principalId: jane, status: 403 } }]);
});

test("any other failure is not swallowed", async () => {
  const broken = async () => {
    throw new TypeError("a fault of ours");
  };
  await expect(findCorroborated(jane, revocations, broken, createFakeWorld().dependencies.telemetry)).rejects.toThrow(
    TypeError,
  );
});
