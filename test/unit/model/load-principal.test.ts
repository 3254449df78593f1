import { describe, expect, test } from "vitest";
import { z } from "zod";
import { commitPrincipal, loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { type Fanout, type Member, memberKey, type PrincipalState } from "../../../shared/model/principal.ts";
import { StorageRowError, type Table } from "../../../shared/storage/table.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import {
  aHolding,
  anAttempt,
  anEnded,
  aRevocation,
  aState,
  at,
  emptyState,
  janesKey,
} from "../../fixtures/principal-builders.ts";
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

describe("rows that another writer removed", () => {
  const aMember: Member = {
    principalId: jane,
    access: "member",
    scheduleId: null,
    start: null,
    end: null,
    listedEnd: null,
    firstSeen: at(0),
    absence: null,
    overdueRaised: false,
    left: null,
    chunk: 0,
  };
  const aFanout: Fanout = { key: "1", member: null, ends: [], begunAt: null, except: [], position: null, reached: 0 };
  const everything: PrincipalState = {
    ...aState({ holdings: [aHolding()], ended: [anEnded()], revocations: [aRevocation()], attempt: anAttempt() }),
    members: new Map([[memberKey(aMember), aMember]]),
    fanouts: new Map([[aFanout.key, aFanout]]),
  };
  const incomplete = async (table: Table) => (await loadPrincipal(table, jane)).state.head.incomplete;

  test.each(["attempt", "ended|", "fanout|", "head", "holding|", "members|", "revocation|"])(
    "one %s: it shows until the mark is taken off, whatever is committed meanwhile",
    async (prefix) => {
      const table = createTable();
      await storePrincipal(table, everything);
      expect(await incomplete(table)).toBeUndefined();
      const [found] = (await table.list(jane, prefix)).value;
      if (found === undefined) throw new Error(`No row ${prefix} was stored.`);
      await table.commit(jane, [{ type: "delete", row: found.row, etag: found.etag }]);
      const loaded = await loadPrincipal(table, jane);
      expect(loaded.state.head.incomplete).toBe(true);
      await commitPrincipal(table, loaded, loaded.state);
      expect(await incomplete(table)).toBe(true);
      const { incomplete: _, ...head } = loaded.state.head;
      await storePrincipal(table, { ...loaded.state, head });
      expect(await incomplete(table)).toBeUndefined();
    },
  );

  test("the head, where nothing is pending: the attempt that it named is removed with the next commit", async () => {
    const table = createTable();
    await storePrincipal(table, { ...everything, revocations: new Map() });
    const { value } = await table.get(jane, "head");
    await table.commit(jane, [{ type: "delete", row: "head", etag: value?.etag ?? "" }]);
    const loaded = await loadPrincipal(table, jane);
    expect(loaded.state.attempt).toBeNull();
    await commitPrincipal(table, loaded, loaded.state);
    expect((await table.get(jane, "attempt")).value).toBeUndefined();
  });

  test("none is missed where an earlier version wrote the head, which did not say what there is", async () => {
    const table = createTable();
    await storePrincipal(table, everything);
    const { value } = await table.get(jane, "head");
    const { rows: _, ...content } = z.looseObject({ rows: z.string() }).parse(value?.content);
    await table.commit(jane, [{ type: "upsert", row: "head", content }]);
    const [holding] = (await table.list(jane, "holding|")).value;
    await table.commit(jane, [{ type: "delete", row: holding?.row ?? "", etag: holding?.etag ?? "" }]);
    expect(await incomplete(table)).toBeUndefined();
  });
});
