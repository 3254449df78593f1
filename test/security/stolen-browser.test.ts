import { expect, test } from "vitest";
import { operate, readOperation } from "../../shared/operators/orders.ts";
import { respondStatus } from "../../shared/status/page.ts";
import { aStatus } from "../fixtures/a-status.ts";
import { createManyUsers, userId } from "../fixtures/many-users.ts";
import { clientPrincipal, createEntra, createGate, operatorId, order, seconds } from "../fixtures/operators.ts";

const thief = { objectId: operatorId };

test("what it can do is the five actions, none of which names a setting", () => {
  const reading = readOperation("enforce", '{"reason":"mine now"}');
  expect(reading).toEqual({ kind: "unknownAction", actions: ["stop", "review", "resume", "release", "redrive"] });
  for (const field of ["mode", "CUTOFF_MODE", "excluded", "userId"]) {
    for (const action of ["stop", "review", "resume", "release", "redrive"]) {
      const body = JSON.stringify({ reason: "mine now", [field]: "x" });
      expect(readOperation(action, body)).toMatchObject({ kind: "badBody" });
    }
  }
});

test("it cannot have somebody cut who lost nothing", async () => {
  const world = createManyUsers();
  await operate({ action: "release", reason: "x", principalId: userId(7) }, thief, world.dependencies);
  await operate({ action: "resume", reason: "x", carryOutPending: true }, thief, world.dependencies);
  await operate({ action: "redrive", reason: "x" }, thief, world.dependencies);
  await world.deliver(world.clock.now() + 3_600_000);
  expect(world.revoked).toEqual([]);
});

test("what it orders is raised with whose it is", async () => {
  const world = createManyUsers();
  await operate({ action: "stop", reason: "x" }, thief, world.dependencies);
  expect(world.recordedOf("operation")).toMatchObject([{ action: "stop", by: operatorId }]);
});

test("what is left: it acts as its operator until the token ends, and not after", async () => {
  const entra = await createEntra();
  const { authorize } = createGate(entra, { appServiceAuthentication: true });
  const stolen = order({ authorization: `Bearer ${await entra.token()}` });
  expect(await authorize(stolen, "Cutoff.Operate")).toMatchObject({ allowed: true, operator: thief });
  const old = order({ authorization: `Bearer ${await entra.token({ exp: seconds - 3600 })}` });
  expect(await authorize(old, "Cutoff.Operate")).toMatchObject({ allowed: false });
  const cookie = order({ "x-ms-client-principal": clientPrincipal(), "sec-fetch-site": "same-origin" });
  expect(await authorize(cookie, "Cutoff.Operate")).toMatchObject({ allowed: true, operator: thief });
});

test("the page can be put into no other site's frame, and runs no script but its own", () => {
  const { headers } = respondStatus(aStatus(), null);
  expect(headers["Content-Security-Policy"]).toMatch(
    /default-src 'none'; script-src 'sha256-[^']+';.*frame-ancestors 'none'/,
  );
});
