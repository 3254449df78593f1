import { expect, it } from "vitest";
import { loadStream, takeStream } from "../../../shared/audit-log/stream.ts";
import { createAuditMemory } from "../../../shared/audit-log/take-in.ts";
import { emptyHead } from "../../../shared/model/principal.ts";
import {
  ADMINS,
  directoryGroupRow,
  directoryRoleRow,
  JANE,
  pimRoleRow,
  streamed,
} from "../../fixtures/audit/audit-rows.ts";
import { createFakeWorld } from "../../fixtures/fake-world.ts";
import { emptyState } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

function createStream() {
  const world = createFakeWorld();
  const dependencies = { ...world.dependencies, memory: createAuditMemory(new Set(["Reset password"]), 600_000) };
  return {
    ...world,
    dependencies,
    take: (messages: readonly unknown[], using = dependencies) => takeStream(messages, using),
    /** The enqueued passes. */
    passes: () => world.queue.receive(32, 0).map(({ content }) => content),
  };
}

const envelope = (...rows: Parameters<typeof streamed>[0][]) => ({ records: rows.map((row) => streamed(row)) });
const pass = (principalId: string) => ({ v: 2, kind: "principal", principalId, because: "audit", tries: 0 });

it("enqueues one pass for both rows of one end, in one batch", async () => {
  const stream = createStream();
  await stream.take([envelope(pimRoleRow(), directoryRoleRow()), envelope(directoryRoleRow())]);
  expect(stream.passes()).toEqual([pass(JANE)]);
});

it("enqueues one pass for both rows of one end, in two batches, and when a batch comes twice", async () => {
  const stream = createStream();
  const both = [envelope(directoryRoleRow())];
  await stream.take(both);
  await stream.take([envelope(pimRoleRow())]);
  await stream.take(both);
  expect(stream.passes()).toEqual([pass(JANE)]);
});

it("asks for another when the role ends again", async () => {
  const stream = createStream();
  await stream.take([envelope(directoryRoleRow())]);
  await stream.take([envelope(directoryRoleRow({ id: "later", activityDateTime: "2026-03-01T10:07:00Z" }))]);
  expect(stream.passes()).toHaveLength(2);
});

it("enqueues a pass for the member and one for the watched group, and confirms nothing", async () => {
  const stream = createStream();
  await storePrincipal(stream.principals, { ...emptyState(ADMINS), head: { ...emptyHead, kind: "group", wakeAt: 1 } });
  await stream.take([envelope(directoryGroupRow())]);
  expect(stream.passes()).toEqual([pass(JANE), pass(ADMINS)]);
});

it("writes nothing about a principal: a stream record is a hint, for rules too", async () => {
  const stream = createStream();
  await stream.take([
    envelope(directoryRoleRow(), directoryRoleRow({ id: "b", activityDisplayName: "Reset password" })),
  ]);
  expect((await stream.principals.list(JANE)).value).toEqual([]);
});

it("raises and counts what it cannot read, and takes the other records", async () => {
  const stream = createStream();
  await stream.take(["no JSON", { records: [streamed(directoryRoleRow()), { properties: { id: 1 } }] }]);
  expect(stream.passes()).toEqual([pass(JANE)]);
  expect(stream.recorded.find(({ name }) => name === "auditRowsUnreadable")?.properties).toEqual({
    source: "stream",
    count: 2,
    position: "messages[0]",
    place: "record",
  });
  expect(await loadStream(stream.state)).toMatchObject({ broken: true });
});

it("takes a batch again that storage did not take", async () => {
  const stream = createStream();
  const broken = { ...stream.dependencies, signals: { send: () => Promise.reject(new Error("Storage is away.")) } };
  await expect(stream.take([envelope(directoryRoleRow())], broken)).rejects.toThrow("Storage is away.");
  await stream.take([envelope(directoryRoleRow())]);
  expect(stream.passes()).toEqual([pass(JANE)]);
});

it("notes that something came, once a minute at most", async () => {
  const stream = createStream();
  await stream.take([{ records: [] }]);
  expect(await loadStream(stream.state)).toBeNull();
  await stream.take([envelope(directoryRoleRow())]);
  const first = await loadStream(stream.state);
  stream.goTo(stream.clock.now() + 30_000);
  await stream.take([envelope(directoryRoleRow({ id: "b" }))]);
  expect(await loadStream(stream.state)).toEqual(first);
  stream.goTo(stream.clock.now() + 31_000);
  await stream.take([envelope(directoryRoleRow({ id: "c" }))]);
  expect((await loadStream(stream.state))?.lastAt).toBe(stream.clock.now());
});
