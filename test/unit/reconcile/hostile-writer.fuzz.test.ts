import fc from "fast-check";
import { expect, test } from "vitest";
import { resync } from "../../../shared/reconcile/resync.ts";
import type { Row } from "../../../shared/storage/table.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, directoryRow, jane } from "../../fixtures/fake-world.ts";
import { aSource, at, isoAt } from "../../fixtures/principal-builders.ts";
import { createSealedWorld } from "../../fixtures/sealed-world.ts";

const omar = "0a1b2c3d-0000-4000-8000-000000000002";

test("whatever they put back, copy or mix, a minute and more after it was written: only real ends are cut, each once", async () => {
  const act = fc.record({
    minute: fc.integer({ min: 3, max: 55 }),
    what: fc.constantFrom("restore", "mix", "copy", "remove", "garble"),
    pick: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 3, max: 40 }),
      async (acts, end) => {
        const { world, attacker } = createSealedWorld();
        const rows = [
          activation({ endDateTime: isoAt(end * 60) }),
          activation({ principalId: omar, roleAssignmentScheduleId: "omars", endDateTime: null }),
        ];
        world.show(...rows);
        world.showFrom(at(end * 60 + 1), { instances: rows.slice(1), directory: rows.slice(1).map(directoryRow) });
        const seen: (readonly Row[])[] = [];
        const snapshot = async () => {
          for (const id of [jane, omar]) seen.push(await attacker.rowsOf(id));
        };
        for (let minute = 0; minute < 60; minute += 1) {
          world.goTo(Math.max(world.clock.now(), at(minute * 60)));
          await resync({ ...world.dependencies, resyncEvery: 10_000 });
          await deliver(world, at(minute * 60 + 50));
          // What was written in the last minute is another matter: see SECURITY.md.
          const known = seen.slice(0, -6).filter(({ length }) => length > 0);
          for (const { what, pick } of acts.filter((one) => one.minute === minute)) {
            const old = known[pick % Math.max(1, known.length)] ?? [];
            const partition = old[0]?.partition ?? jane;
            const some = old.filter((_, index) => ((pick >> index) & 1) === 1);
            if (what === "restore" && old.length > 0) await attacker.restore(old);
            if (what === "mix") for (const { row, content } of some) await attacker.put(partition, row, content);
            if (what === "copy")
              for (const { row, content } of old) await attacker.put(partition === jane ? omar : jane, row, content);
            if (what === "remove") for (const { row } of some) await attacker.remove(partition, row);
            if (what === "garble")
              for (const { row, content } of old)
                await attacker.put(partition, row, {
                  ...Object(content),
                  schema: 1,
                  sources: [aSource({ end: isoAt(60), listedEnd: isoAt(60) })],
                });
          }
          await snapshot();
        }
        expect(world.shown.revoked.filter((id) => id !== jane)).toEqual([]);
        expect(world.shown.revoked.length).toBeLessThanOrEqual(1);
        for (const when of world.shown.revokedAt) expect(when).toBeGreaterThan(at(end * 60));
      },
    ),
    { numRuns: 25 },
  );
});
