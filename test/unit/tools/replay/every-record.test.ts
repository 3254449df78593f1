import * as fc from "fast-check";
import { expect, test } from "vitest";
import { recordLines } from "../../../../tools/replay/output/record-lines.ts";
import { noCounts, type RecordClass, recordClasses } from "../../../../tools/replay/record-class.ts";
import { replay } from "../../../../tools/replay/replay.ts";
import {
  capitalized,
  csv,
  fromPowerShell5,
  queryAnswer,
  renamed,
  tableCells,
} from "../../../fixtures/audit/as-exported.ts";
import {
  ADMINS,
  BOSS,
  directoryGroupRow,
  directoryRoleRow,
  pimGroupRow,
  pimRoleRow,
  streamed,
  target,
} from "../../../fixtures/audit/audit-rows.ts";
import { activationRow, userRow } from "../../../fixtures/audit/history-of.ts";
import type { Row } from "../../../fixtures/audit/portal-cells.ts";
import { temporaryFile } from "../../../fixtures/temporary-file.ts";

/** One record of each kind and the line that it stands in, of its own person at its own time. */
const kinds: Readonly<
  Record<string, { readonly as: RecordClass; readonly row: (changes: Readonly<Record<string, unknown>>) => unknown }>
> = {
  removal: { as: "end", row: directoryRoleRow },
  expiry: { as: "end", row: pimRoleRow },
  "expiry in a group": { as: "end", row: pimGroupRow },
  "removal from a group": { as: "groupRemoval", row: directoryGroupRow },
  device: {
    as: "deviceRemoval",
    row: (changes) =>
      directoryGroupRow({ ...changes, targetResources: [target("Group", ADMINS), target("Device", BOSS)] }),
  },
  "nested group": {
    as: "nestedGroupRemoval",
    row: (changes) =>
      directoryGroupRow({ ...changes, targetResources: [target("Group", ADMINS), target("Group", BOSS)] }),
  },
  "nobody named": { as: "unclearEnd", row: (changes) => directoryRoleRow({ ...changes, targetResources: [] }) },
  "Azure resource": { as: "azureEnd", row: (changes) => pimRoleRow({ ...changes, category: "ResourceManagement" }) },
  "Azure activation": {
    as: "azureActivation",
    row: (changes) => activationRow("2026-03-01T10:00:00Z", { ...changes, category: "ResourceManagement" }),
  },
  "other category": {
    as: "otherPlane",
    row: (changes) => pimRoleRow({ ...changes, category: "ApplicationManagement" }),
  },
  failure: { as: "notSuccessful", row: (changes) => directoryRoleRow({ ...changes, result: "failure" }) },
  timeout: {
    as: "notSuccessful",
    row: (changes) => userRow("Disable account", "2026-03-01T10:00:00Z", { ...changes, result: "timeout" }),
  },
  activation: { as: "activation", row: (changes) => activationRow("2026-03-01T10:00:00Z", changes) },
  password: { as: "sessionStop", row: (changes) => userRow("Reset password", "2026-03-01T10:00:00Z", changes) },
  request: { as: "request", row: (changes) => pimRoleRow({ ...changes, activityDisplayName: "Remove request" }) },
  eligibility: {
    as: "eligibility",
    row: (changes) => pimRoleRow({ ...changes, activityDisplayName: "Remove eligible member from role" }),
  },
  "look-alike": {
    as: "lookAlike",
    row: (changes) => pimRoleRow({ ...changes, activityDisplayName: "PIM activation request expired" }),
  },
  other: { as: "otherActivity", row: (changes) => userRow("Update user", "2026-03-01T10:00:00Z", changes) },
  "no result": { as: "unreadable", row: (changes) => directoryRoleRow({ ...changes, result: "" }) },
  "local date": {
    as: "unreadable",
    row: (changes) => directoryRoleRow({ ...changes, activityDateTime: "06.09.2026 18:40" }),
  },
  "cut depth": {
    as: "unreadable",
    row: (changes) => directoryRoleRow({ ...changes, targetResources: ["@{id=x; type=User}"] }),
  },
  "no record": { as: "unreadable", row: () => ({ name: "Jane" }) },
};

/** The same records as a file, in shapes that lose nothing. */
const shapes: Readonly<Record<string, (rows: readonly Row[]) => string | Uint8Array>> = {
  "a list": (rows) => JSON.stringify(rows),
  "a list on many lines": (rows) => JSON.stringify(rows, null, 2),
  lines: (rows) => rows.map((row) => JSON.stringify(row)).join("\n"),
  "lines with a mark before each": (rows) => rows.map((row) => `\ufeff${JSON.stringify(row)}\r\n`).join(""),
  pages: (rows) => rows.map((row) => JSON.stringify({ value: [row] })).join("\n"),
  "the stream": (rows) => JSON.stringify({ records: rows.map((row) => streamed(row)) }),
  "the SDK": (rows) => JSON.stringify(renamed(rows, capitalized)),
  "small letters": (rows) => JSON.stringify(renamed(rows, (key) => key.toLowerCase())),
  "the query API": (rows) => JSON.stringify(queryAnswer(rows)),
  "the table as CSV": (rows) => csv(rows.map(tableCells)),
  "the table as a spreadsheet saves it": (rows) => `sep=;\r\n${csv(rows.map(tableCells), ";")}`,
  "a batch of Graph": (rows) => JSON.stringify({ responses: rows.map((row) => ({ body: { value: [row] } })) }),
  "the hits of Elastic": (rows) =>
    JSON.stringify({ took: 1, hits: { hits: rows.map((row) => ({ _source: { audit: { properties: row } } })) } }),
  "UTF-16 without a mark": (rows) => Buffer.from(JSON.stringify(rows), "utf16le"),
};

const id = (n: number) => `${n.toString(16).padStart(8, "0")}-0001-4abc-8def-0123456789ab`;

test("every record stands in exactly one line, and in the right one", async () => {
  const chosen = fc.array(fc.constantFrom(...Object.keys(kinds)), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(chosen, fc.constantFrom(...Object.keys(shapes)), async (names, shape) => {
      // Something of interest that can be read: a file in which nothing can be is refused.
      const all = ["activation", ...names];
      const expected: Record<RecordClass, number> = noCounts();
      const rows = all.map((name, n) => {
        const kind = kinds[name];
        if (kind === undefined) throw new Error(name);
        // The query API has a column for every field: an empty cell is what is missing.
        expected[kind.as] += 1;
        const changes = {
          id: `row ${n}`,
          activityDateTime: new Date(Date.UTC(2026, 2, 1) + n * 600_000).toISOString(),
        };
        return ofPerson(kind.row(name === "local date" ? { id: `row ${n}` } : changes), id(n));
      });
      const file = await temporaryFile("export", shapes[shape]?.(rows) ?? "");
      const { read } = await replay([file], [], () => {});
      expect(read.counts).toEqual(expected);
      expect(read.records).toBe(all.length);
      const said = recordLines(read).map((line) => Number(/^[\d,]+/.exec(line)?.[0].replaceAll(",", "")));
      expect(said.reduce((sum, one) => sum + one, 0)).toBe(all.length);
    }),
    { numRuns: 150 },
  );
});

function ofPerson(row: unknown, person: string): Row {
  const text = JSON.stringify(row).replaceAll("a1a1a1a1-0001-4abc-8def-0123456789ab", person);
  return JSON.parse(text);
}

test("every class has its own line", () => {
  const lines = recordClasses.map((one) =>
    recordLines({
      files: [],
      refused: [],
      records: 2,
      counts: { ...noCounts(), [one]: 2 },
      otherPlanes: [],
      unreadable: { count: 0, reporting: 0, places: [] },
    }).join(),
  );
  expect(new Set(lines).size).toBe(recordClasses.length);
  for (const line of lines) expect(line).toMatch(/^2 (?:records|ends) /);
});

test("a PowerShell 5 export has every record of Graph's", async () => {
  const rows = [directoryRoleRow(), pimRoleRow()];
  const file = await temporaryFile("sdk.json", `[${rows.map(fromPowerShell5).join(",")}]`);
  const { ends, read } = await replay([file], [], () => {});
  expect(ends.map(({ at, reason }) => [at, reason])).toEqual([["2026-03-01T10:00:00.945Z", "expired"]]);
  expect(read.counts).toEqual({ ...noCounts(), end: 2 });
});
