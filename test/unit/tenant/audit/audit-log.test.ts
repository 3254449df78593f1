import { expect, test } from "vitest";
import { z } from "zod";
import { auditedTenant } from "./audit-fixture.ts";

const streamed = z.array(z.looseObject({ properties: z.object({ id: z.string() }) }));
const disabledUser = async () => {
  const world = await auditedTenant();
  const { id } = await world.control.createUser({ name: "jane" });
  const disable = () => world.control.changeUser(id, { accountEnabled: false });
  const counts = async () => [(await world.rows()).length, (await world.control.auditEnvelopes()).records.length];
  return { ...world, disable, counts };
};

test("a row can be read two seconds after it happened, unless set otherwise", async () => {
  const { control, disable, counts, pass } = await disabledUser();
  await disable();
  await pass(1_999);
  expect(await counts()).toEqual([0, 0]);
  await pass(1);
  expect(await counts()).toEqual([1, 1]);

  await control.changeSettings({ audit: { queryableAfterMs: 60_000, streamedAfterMs: 0 } });
  await disable();
  expect(await counts()).toEqual([1, 2]);
  await pass(60_000);
  expect(await counts()).toEqual([2, 2]);
});

test("late rows come after younger ones", async () => {
  const { control, disable, rows, pass } = await disabledUser();
  await control.changeSettings({ audit: { lateShare: 1, lateByMs: 30_000 } });
  await disable();
  await control.changeSettings({ audit: { lateShare: 0 } });
  await pass(1_000);
  await disable();
  await pass(2_000);
  const [younger, ...none] = await rows();
  expect(none).toEqual([]);
  await pass(29_000);
  const [late, second] = await rows();
  expect(second).toEqual(younger);
  expect((late?.activityDateTime ?? "") < (younger?.activityDateTime ?? "")).toBe(true);
  const { records } = await control.auditEnvelopes();
  const ids = streamed.parse(records).map(({ properties }) => properties.id);
  expect(ids).toEqual([younger?.id, late?.id]);
});

test("a doubled change is two rows to Graph and one row twice to the event hub", async () => {
  const { control, disable, rows, pass } = await disabledUser();
  await control.changeSettings({ audit: { doubledShare: 1 } });
  await disable();
  await pass(2_000);
  const [one, two] = await rows();
  expect(one?.id).not.toBe(two?.id);
  expect({ ...one, id: "" }).toEqual({ ...two, id: "" });
  const { records } = await control.auditEnvelopes();
  const ids = streamed.parse(records).map(({ properties }) => properties.id);
  expect(ids[0]).toBe(ids[1]);
  expect([[one?.id], [two?.id]]).toContainEqual([ids[0]]);
});

test("the event hub's records can be fetched as they come", async () => {
  const { control, disable, pass } = await disabledUser();
  await disable();
  await pass(2_000);
  const first = await control.auditEnvelopes();
  expect([first.records.length, first.last]).toEqual([1, 1]);
  expect(await control.auditEnvelopes(first.last)).toEqual({ records: [], last: 1 });
  await disable();
  await pass(2_000);
  const second = await control.auditEnvelopes(first.last);
  expect([second.records.length, second.last]).toEqual([1, 2]);
});

test("rows are kept for thirty days", async () => {
  const { disable, rows, pass } = await disabledUser();
  await disable();
  await pass(30 * 86_400_000);
  expect(await rows()).toHaveLength(1);
  await pass(1);
  expect(await rows()).toEqual([]);
});
