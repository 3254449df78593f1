import { expect, test } from "vitest";
import { headRow } from "../../../shared/model/load-and-commit.ts";
import { emptyHead, type Head } from "../../../shared/model/principal.ts";
import { readHeads } from "../../../shared/reconcile/heads.ts";
import type { Row, Table } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";

function heads() {
  const principals = createMemoryTable({ now: () => 0 });
  const alarms: unknown[] = [];
  const telemetry = { alarm: (...alarm: unknown[]) => void alarms.push(alarm), event: () => {}, measure: () => {} };
  const put = (principal: string, content: object) =>
    principals.commit(principal, [{ type: "upsert", row: headRow, content: { schema: 1, ...content } }]);
  const write = (principal: string, over: Partial<Head>) => put(principal, { ...emptyHead, ...over });
  const read = (last?: Awaited<ReturnType<typeof readHeads>>, table: Table = principals) =>
    readHeads({ principals: table, telemetry }, last);
  return { principals, put, write, read, alarms };
}

test("a head is parsed again only after it was written again", async () => {
  const { write, read } = heads();
  await write("jane", { kind: "user" });
  await write("omar", { kind: "unknown" });
  const first = await read();
  await write("omar", { kind: "user" });
  const second = await read(first);
  expect(second.get("jane")).toBe(first.get("jane"));
  expect(second.get("omar")).toMatchObject({ kind: "user" });
});

test("one that is gone is not remembered", async () => {
  const { principals, write, read } = heads();
  await write("jane", { kind: "user" });
  const first = await read();
  const { value } = await principals.get("jane", headRow);
  await principals.commit("jane", [{ type: "delete", row: headRow, etag: value?.etag ?? "" }]);
  expect(await read(first)).toEqual(new Map());
});

test("a broken seal counts whatever was remembered", async () => {
  const { principals, write, read } = heads();
  await write("jane", { kind: "user", listed: ["a role"] });
  const first = await read();
  const spoilt: Table = {
    ...principals,
    async *scan(prefix) {
      for await (const row of principals.scan(prefix))
        yield { ...row, content: undefined, seal: "broken" } satisfies Row;
    },
  };
  expect((await read(first, spoilt)).get("jane")).toEqual({ ...emptyHead, isForged: true });
});

test("an unreadable one raises its alarm at each reading", async () => {
  const { put, read, alarms } = heads();
  await put("jane", { kind: "of another version" });
  const first = await read();
  expect(first.get("jane")).toBeNull();
  expect((await read(first)).get("jane")).toBeNull();
  expect(alarms).toHaveLength(2);
});
