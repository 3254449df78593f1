import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { activation, createFakeWorld, jane, start } from "../fixtures/fake-world.ts";
import { createMemoryTable } from "../fixtures/memory-storage.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The files of `shared` of which a function is called between the timer of a known end and the verified revoke. */
export async function filesOfSimplestFlow(): Promise<readonly string[]> {
  createMemoryTable({ now: () => 0 });
  const world = createFakeWorld();
  world.show(activation());
  await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  world.showFrom(start + 60_500, { instances: [], directory: [] });
  world.goTo(start + 58_000);

  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await session.post("Profiler.takePreciseCoverage");
  await reconcile({ principalId: jane, because: "timer", tries: 0 }, world.dependencies);
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  const outcomes = world.outcomes();
  if (outcomes.join() !== "revoked") throw new Error(`The simplest flow ended in: ${outcomes.join() || "nothing"}.`);
  return result
    .filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)))
    .filter(({ url }) => url.startsWith("file:"))
    .map(({ url }) => fileURLToPath(url).replace(root, ""))
    .filter((path) => path.startsWith("shared/"))
    .toSorted();
}
