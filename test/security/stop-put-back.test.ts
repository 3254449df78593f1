import { expect, test } from "vitest";
import { createSealedWorld } from "../fixtures/sealed-world.ts";

const seconds = 1000;

/** An operator stops, resumes, and stops again half a minute later; a writer to storage has seen all rows that lay there meanwhile. */
async function stoppedTwice() {
  const { world, raw, attacker } = createSealedWorld();
  const { control } = world.dependencies;
  const storage = attacker.of(raw.state);
  const began = world.clock.now();
  const goTo = (second: number) => world.goTo(began + second * seconds);
  await control.stop();
  const first = await storage.rowsOf("control");
  goTo(5);
  await (await control.prepareLift())();
  const lifted = await storage.rowsOf("control");
  goTo(30);
  await control.stop();
  goTo(35);
  return { world, control, storage, goTo, first, lifted };
}

test("a lifted stop that is put back 30 s later does not undo a new stop", async () => {
  const { control, storage, lifted } = await stoppedTwice();
  for (const { row, content } of lifted) await storage.put("control", row, content);
  expect(await control.read()).toMatchObject({ stopped: true });
});

test("the first stop that is put back holds like the second, and an operator can lift it", async () => {
  const { control, storage, first, goTo } = await stoppedTwice();
  for (const { row, content } of first) await storage.put("control", row, content);
  expect(await control.read()).toMatchObject({ stopped: true });
  goTo(40);
  expect(await (await control.prepareLift())()).toBe(true);
  expect(await control.read()).toMatchObject({ stopped: false, resumption: { from: "stop" } });
});
