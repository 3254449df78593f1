import { describe, expect, test } from "vitest";
import { parseAuditRows } from "../../../shared/audit-log/parse.ts";
import { takeStream } from "../../../shared/audit-log/stream.ts";
import { createAuditMemory, takeIn } from "../../../shared/audit-log/take-in.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { emptyHead, type Head } from "../../../shared/model/principal.ts";
import { directoryGroupRow, pimGroupRow, streamed, target } from "../../fixtures/audit/audit-rows.ts";
import { createAuditWorld } from "../../fixtures/audit/audit-world.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { start } from "../../fixtures/fake-world.ts";
import { emptyState } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const numbered = (kind: string, n: number) => `${kind}-0000-4000-8000-${String(n).padStart(12, "0")}`;
const groups = Array.from({ length: 100 }, (_, n) => numbered("9a9a9a9a", n));
const devices = Array.from({ length: 500 }, (_, n) => numbered("dededede", n));
const [watchedGroup = "", once = ""] = groups;

/** Every device has left one of the groups; some heads are stored. */
async function createWorld(heads: Readonly<Record<string, Partial<Head>>>) {
  const world = createAuditWorld();
  for (const [id, head] of Object.entries(heads))
    await storePrincipal(world.principals, { ...emptyState(id), head: { ...emptyHead, kind: "group", ...head } });
  const { graph } = world.dependencies;
  const reads: string[] = [];
  const dependencies = {
    ...world.dependencies,
    graph: {
      ...graph,
      readPrincipal: (id: string) => {
        reads.push(id);
        return graph.readPrincipal(id);
      },
    },
  };
  const rows = devices.map((device, n) => ({
    targetResources: [target("Group", groups[n % groups.length] ?? ""), target("Device", device)],
  }));
  return { world, dependencies, reads, rows };
}

const sources = {
  "Graph's own log": async ({ world, dependencies, rows }: Awaited<ReturnType<typeof createWorld>>) => {
    for (const changes of rows) world.writeRow(1, directoryGroupRow, changes, 0);
    await world.readAt(60, dependencies);
  },
  "the event hub": async ({ world, dependencies, rows }: Awaited<ReturnType<typeof createWorld>>) => {
    const records = rows.map((changes, n) => streamed(directoryGroupRow({ id: `row-${n}`, ...changes })));
    await takeStream([{ records }], { ...dependencies, memory: createAuditMemory(new Set(), 600_000) });
    await deliver(world, start + 60_000, dependencies);
  },
};

describe.each(Object.entries(sources))(
  "five hundred devices that leave a hundred groups, reported by %s",
  (_, report) => {
    test("cost no read where no group is watchedGroup", async () => {
      const made = await createWorld({ [once]: { wakeAt: null } });
      await report(made);
      expect(made.reads).toEqual([]);
    });

    test("cost one read for the one group that is watchedGroup", async () => {
      const made = await createWorld({ [watchedGroup]: { wakeAt: start + 3_600_000 } });
      await report(made);
      expect(new Set(made.reads)).toEqual(new Set([watchedGroup]));
    });
  },
);

test.each([
  { by: "Core Directory", row: directoryGroupRow, reported: ["member"] },
  { by: "PIM alone, which does not say whether it was a membership or an ownership", row: pimGroupRow, reported: [] },
])("an end that $by reports is noted for the group: $reported", async ({ row, reported }) => {
  const world = createAuditWorld();
  const head = { ...emptyHead, kind: "group" as const, wakeAt: start + 3_600_000 };
  await storePrincipal(world.principals, { ...emptyState(watchedGroup), head });
  const user = numbered("7a7a7a7a", 1);
  const activityDateTime = new Date(start).toISOString();
  const written = row({ activityDateTime, targetResources: [target("Group", watchedGroup), target("User", user)] });
  const { news } = createAuditMemory(new Set(), 600_000).news(parseAuditRows([written]).records);
  await takeIn(news, start - 3_600_000, start, world.dependencies);
  const { state } = await loadPrincipal(world.principals, watchedGroup);
  expect((state.head.auditEnds ?? []).map((end) => end.kind === "access" && end.access)).toEqual(reported);
});
