import { expect, test } from "vitest";
import { listedRows } from "../../../shared/model/holding.ts";
import { findMassExpiries, massExpiryAbove } from "../../../shared/reconcile/mass-expiry-store.ts";
import { activation } from "../../fixtures/fake-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
const idOf = (index: number) => `user-${String(index).padStart(3, "0")}`;

/** This many principals whose role ends at the same time, and what is different about some of them. */
const heads = (count: number, endDateTime: string | null, different: Record<number, string> = {}) =>
  new Map(
    Array.from({ length: count }, (_, index): [string, { listed: readonly string[] }] => {
      const roleDefinitionId = different[index] ?? "a role of no rank";
      return [idOf(index), { listed: listedRows([activation({ endDateTime, roleDefinitionId })]) }];
    }),
  );
const find = (known: Parameters<typeof findMassExpiries>[0]) => findMassExpiries(known, at(0), at(30));

test("up to twenty ends in one second are awaited each by itself", () => {
  expect(find(heads(massExpiryAbove, isoAt(10)))).toEqual([]);
});

test("more than that are a mass expiry of that second, whatever the fraction", () => {
  const both = new Map([...heads(20, isoAt(10.9)), ...[...heads(21, isoAt(10.1))].slice(20)]);
  expect(find(both)).toMatchObject([{ second: at(10) }]);
  expect(find(both)[0]?.principals).toHaveLength(21);
});

test.each([
  { name: "have passed", end: isoAt(-1) },
  { name: "are far away", end: isoAt(31) },
  { name: "never come", end: null },
])("ends that $name are no mass expiry", ({ end }) => {
  expect(find(heads(30, end))).toEqual([]);
});

test("a head that cannot be read is left out", () => {
  expect(find(new Map([...heads(20, isoAt(10)), ["unreadable", null]]))).toEqual([]);
});

test("the most privileged come first, by the best of their roles, then by id", () => {
  const known = heads(21, isoAt(10), { 20: globalAdministrator });
  const [massExpiry] = find(known);
  expect(massExpiry?.principals.slice(0, 3)).toEqual([idOf(20), idOf(0), idOf(1)]);
  const two = listedRows([
    activation({ endDateTime: isoAt(10), roleDefinitionId: globalAdministrator, roleAssignmentScheduleId: "a" }),
    activation({ endDateTime: isoAt(10), roleDefinitionId: "a role of no rank", roleAssignmentScheduleId: "b" }),
  ]);
  expect(find(new Map([...heads(21, isoAt(10)), [idOf(7), { listed: two }]]))[0]?.principals[0]).toBe(idOf(7));
});
