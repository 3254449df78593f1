import { expect, test } from "vitest";
import { loadPrincipal } from "../../../shared/model/load.ts";
import { emptyState } from "../../../shared/model/principal.ts";
import { StorageRowError } from "../../../shared/storage/table.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { aHolding, anAttempt, anEnded, aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const createTable = () => createMemoryTable({ now: () => at(100.5) });

test("a principal never seen is empty", async () => {
  expect(await loadPrincipal(createTable(), jane)).toEqual({
    state: emptyState(jane),
    etags: new Map(),
    renew: new Set(),
    storageTime: at(100),
  });
});

test("everything stored comes back, with an etag per row, and the attempt with storage's time of its write", async () => {
  const table = createTable();
  const state = aState({
    holdings: [aHolding()],
    ended: [anEnded()],
    revocations: [aRevocation()],
    attempt: anAttempt(),
  });
  await storePrincipal(table, state);
  const loaded = await loadPrincipal(table, jane);
  expect(loaded.state).toEqual({ ...state, attempt: anAttempt({ writtenAt: at(100.5) }) });
  expect([...loaded.etags.keys()]).toEqual([
    "attempt",
    `ended|${janesKey}`,
    "head",
    `holding|${janesKey}`,
    `revocation|${janesKey}`,
  ]);
});

test.each([
  { name: "of a newer version", row: "head", content: { schema: 2, kind: "user" } },
  { name: "of a kind that this version does not know", row: "fanout|1", content: { schema: 1 } },
  {
    name: "with a field that is wrong",
    row: `holding|${janesKey}`,
    content: { schema: 1, ...aHolding(), sources: 17 },
  },
  { name: "that is no object", row: `revocation|${janesKey}`, content: "secret" },
])("a row $name is refused, named, and left as it is", async ({ row, content }) => {
  const table = createTable();
  await storePrincipal(table, aState());
  await table.commit(jane, [{ type: "upsert", row, content }]);
  const refused = loadPrincipal(table, jane);
  await expect(refused).rejects.toThrow(StorageRowError);
  await expect(refused).rejects.toThrow(row);
  await expect(refused).rejects.not.toThrow("secret");
  expect((await table.get(jane, row)).value?.content).toEqual(content);
});
