import { describe, expect, test } from "vitest";
import { createReasonReader, type ReadAudits } from "../../../shared/audit-log/corroborate.ts";
import { AUDITS_UNSUPPORTED, type AuditQuery } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import type { AccessRevocation, PendingRevocation } from "../../../shared/model/pending-revocation.ts";
import { jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { aRevocation, at, isoAt } from "../../fixtures/principal-builders.ts";

const group = "9d0c1b2a-0000-4000-8000-000000000009";
const said = [
  { key: "Justification", value: "Mend the sign-in of a colleague" },
  { key: "TicketNumber", value: "INC0012345" },
];

interface Row {
  readonly [field: string]: unknown;
  readonly targetResources?: readonly {
    readonly id: string;
    readonly type: string;
    readonly modifiedProperties?: unknown;
  }[];
}

/** PIM's row of Jane's activation, a minute before the start of every test's world. */
const aRow = (over: Row = {}): Row => ({
  id: "PIM_1",
  activityDisplayName: "Add member to role completed (PIM activation)",
  activityDateTime: isoAt(-55),
  loggedByService: "PIM",
  category: "RoleManagement",
  result: "success",
  targetResources: [
    { id: "request", type: "Request" },
    {
      id: userAdministrator,
      type: "Role",
      modifiedProperties: [{ displayName: "TemplateId", newValue: `"${userAdministrator}"` }],
    },
    { id: jane, type: "User" },
  ],
  additionalDetails: said,
  ...over,
});

function create(
  rows: readonly Row[] | Error | "never",
  sleep: (milliseconds: number) => Promise<void> = () => new Promise(() => undefined),
) {
  const asked: AuditQuery[] = [];
  let now = 0;
  const readAudits: ReadAudits = async (query) => {
    asked.push(query);
    if (rows === "never") return new Promise(() => undefined);
    if (rows instanceof Error) throw rows;
    return { value: rows, date: at(62), at: 0 };
  };
  const read = createReasonReader(readAudits, { monotonic: () => now, sleep });
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { read, asked, pass };
}

const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = aRevocation();
const through = { groupId: group, ended: "access" } as const;
const membership: AccessRevocation = { ...facts, groupId: group, access: "member", through };

describe("the reason of an activation", () => {
  test("is read by one bounded question about them, around the start, in this activity alone", async () => {
    const { read, asked } = create([aRow()]);
    expect(await read(jane, aRevocation())).toEqual({
      justification: "Mend the sign-in of a colleague",
      ticket: "INC0012345",
    });
    expect(asked).toEqual([
      {
        since: at(-180),
        until: at(540),
        targetId: jane,
        activity: "Add member to role completed (PIM activation)",
      },
    ]);
  });

  test("is read once for all channels of an end, and anew after a minute", async () => {
    const { read, asked, pass } = create([aRow()]);
    await Promise.all([read(jane, aRevocation()), read(jane, aRevocation())]);
    pass(59_000);
    await read(jane, aRevocation());
    expect(asked).toHaveLength(1);
    pass(1000);
    await read(jane, aRevocation());
    await read(jane, aRevocation({ key: "another" }));
    expect(asked).toHaveLength(3);
  });

  test("is the one of the activation that is nearest to the start", async () => {
    const another = aRow({
      id: "PIM_2",
      activityDateTime: isoAt(200),
      additionalDetails: [{ key: "Justification", value: "another one" }],
    });
    const { read } = create([another, aRow()]);
    expect(await read(jane, aRevocation())).toMatchObject({ ticket: "INC0012345" });
  });

  test("is found for a membership, and for a role by a membership, under the group", async () => {
    const row = aRow({
      category: "GroupManagement",
      targetResources: [
        { id: "request", type: "Request" },
        { id: jane, type: "User" },
        { id: group.toUpperCase(), type: "Group" },
      ],
    });
    const { read } = create([row]);
    expect(await read(jane, membership)).toMatchObject({ ticket: "INC0012345" });
    expect(await read(jane, aRevocation({ key: "by-group", through }))).toMatchObject({ ticket: "INC0012345" });
    expect(await read(jane, aRevocation({ key: "own" }))).toBeNull();
  });

  test.each([
    ["another role's row", aRow({ targetResources: [{ id: jane, type: "User" }] })],
    [
      "another user's row",
      aRow({ targetResources: [...(aRow().targetResources ?? [])].filter(({ id }) => id !== jane) }),
    ],
    ["a refused activation", aRow({ result: "failure" })],
    ["another service's row", aRow({ loggedByService: "Core Directory" })],
    ["another activity", aRow({ activityDisplayName: "Add member to role requested (PIM activation)" })],
    ["a row without a word", aRow({ additionalDetails: [{ key: "TemplateId", value: userAdministrator }] })],
    ["a broken row", { id: 7 }],
  ])("is not known from %s", async (_, row) => {
    expect(await create([row]).read(jane, aRevocation())).toBeNull();
  });

  test.each<[string, PendingRevocation]>([
    ["a privilege without a start", aRevocation({ startDateTime: null })],
    [
      "a group's role, which nobody activated for themselves",
      aRevocation({ through: { groupId: group, ended: "role" } }),
    ],
    ["an activity of the audit log", { ...facts, activity: "Reset password" }],
    ["an assignment whose row is gone", aRevocation({ startDateTime: isoAt(-30 * 86_400) })],
  ])("is not asked for: %s", async (_, revocation) => {
    const { read, asked } = create([aRow()]);
    expect(await read(jane, revocation)).toBeNull();
    expect(asked).toEqual([]);
  });

  test.each([
    ["refuses", new GraphRetryableError("Later.", { code: "reportPace", reason: "throttled" })],
    ["has no audit log", new GraphPermanentError("Not here.", { code: AUDITS_UNSUPPORTED })],
  ])("is not known while Graph %s", async (_, error) => {
    expect(await create(error).read(jane, aRevocation())).toBeNull();
  });

  test("is not waited for longer than five seconds", async () => {
    const waits: number[] = [];
    const { read } = create("never", async (milliseconds) => {
      waits.push(milliseconds);
    });
    expect(await read(jane, aRevocation())).toBeNull();
    expect(waits).toEqual([5000]);
  });

  test.each([
    ["a text that looks like JSON", '{"a":1}', '{"a":1}'],
    ["a quoted text", '"quoted"', "quoted"],
    ["a text in brackets", "[INC1] mend", "[INC1] mend"],
  ])("is a text, whatever the user wrote: %s", async (_, value, justification) => {
    const { read } = create([aRow({ additionalDetails: [{ key: "Justification", value }] })]);
    expect(await read(jane, aRevocation())).toEqual({ justification, ticket: null });
  });
});
