import { expect, test } from "vitest";
import { emptyHead, type Head } from "../../../shared/model/principal.ts";
import { watchedByRank } from "../../../shared/notifications/plan.ts";

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
const helpdeskAdministrator = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const row = (role: string) => `schedule start end ${role}`;
const head = (listed: readonly string[] = [], assignableToRole = false, kind: Head["kind"] = "group"): Head => ({
  ...emptyHead,
  kind,
  group: { assignableToRole, readAt: null, notBefore: null },
  listed,
});

const heads = new Map<string, Head | null>([
  ["e", head()],
  ["d", head([], true)],
  ["c", head([], true)],
  ["b", head([row(helpdeskAdministrator)])],
  ["a", head([row(helpdeskAdministrator), row(globalAdministrator)])],
  ["unreadable", null],
  ["user", head([row(globalAdministrator)], false, "user")],
]);

test("the groups with the most powerful role come first, then by id; neither users nor what cannot be read", () => {
  expect(watchedByRank(heads, "auto")).toEqual(["a", "b", "c", "d"]);
});

test("a list says which", () => {
  expect(watchedByRank(heads, new Set(["e", "b", "user"]))).toEqual(["b", "e"]);
});
