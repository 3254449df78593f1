import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { startAzurite } from "../../local/azurite/start-azurite.ts";
import { freePort } from "../../local/stack/free-port.ts";
import { readHealth } from "./support/health.ts";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { createWorld } from "./support/world.ts";

it("survives that storage dies and comes back, and still cuts the end that came meanwhile", async () => {
  await using folder = await temporaryFolder();
  const storage = { port: await freePort(3), location: folder.path };
  const first = await startAzurite(storage);
  await using world = await createWorld("azurite-restart", first.connectionString);
  const host = await world.startHost();
  const { userId, scheduleId, end } = await activate(world.control, { seconds: 20 });
  await untilWritten(join(folder.path, "__azurite_db_table__.json"), "holding|");
  await first.kill();
  expect(await readHealth(host)).toMatchObject({ status: 503, healthy: false });
  await world.seen((event) => event.event === "roleEnded");

  const second = await startAzurite(storage);
  await using _ = { [Symbol.asyncDispose]: second.stop };
  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const accepted = revokesOf(history, userId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  expect(accepted[0]).toBeGreaterThan(end);
  expect(await readHealth(host)).toMatchObject({ status: 200, healthy: true });
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "azurite-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Azurite writes its memory to disk every five seconds, and what it has not written dies with it. */
const untilWritten = (file: string, text: string) =>
  vi.waitFor(async () => expect(await readFile(file, "utf8")).toContain(text), { timeout: 18_000, interval: 200 });
