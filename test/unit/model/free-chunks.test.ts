import { expect, it } from "vitest";
import { chunkSize, freeChunks } from "../../../shared/model/principal.ts";
import { admins, createGroupWorld, member } from "../../fixtures/group-world.ts";

const take = (count: number, chunks: Generator<number>) => Array.from({ length: count }, () => chunks.next().value);

it("fills a row before it begins the next", () => {
  const chunks = take(chunkSize + 1, freeChunks([]));
  expect(chunks.slice(0, chunkSize).every((chunk) => chunk === 0)).toBe(true);
  expect(chunks.at(-1)).toBe(1);
});

it("members keep their row, so that a member who comes or goes changes one row", async () => {
  const world = createGroupWorld();
  const crowd = Array.from({ length: 1200 }, (_, n) => member(n));
  world.shown.members.set(admins, crowd);
  await world.pass();
  const rows = async () => (await world.principals.list(admins, "members|")).value;
  const before = await rows();
  expect(before.map(({ row }) => row)).toEqual(["members|0", "members|1", "members|2"]);
  world.shown.members.set(admins, [...crowd, member(5000)]);
  await world.deliver(30);
  const changed = (await rows()).filter(({ row, etag }) => before.find((old) => old.row === row)?.etag !== etag);
  expect(changed.map(({ row }) => row)).toEqual(["members|2"]);
  expect((await world.stateOf()).members.size).toBe(1201);
});
