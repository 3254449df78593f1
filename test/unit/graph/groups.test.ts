import { describe, expect, it } from "vitest";
import { neededPermissions } from "../../../shared/graph/permissions.ts";
import {
  batch,
  DATE_MS,
  failureOf,
  gateway,
  gatewayNeeding,
  graphFailure,
  HELPDESK_GROUP,
  JANE,
  json,
} from "./harness.ts";

const ROB = "a2a2a2a2-0002-4abc-8def-0123456789ab";
const APP = "a3a3a3a3-0003-4abc-8def-0123456789ab";
const user = (id: string) => ({ "@odata.type": "#microsoft.graph.user", id });
const next = (path: string) => ({ "@odata.nextLink": `https://graph.example/v1.0/${path}` });

const accessRow = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: `${HELPDESK_GROUP}_member_1`,
  principalId: JANE,
  groupId: HELPDESK_GROUP.toUpperCase(),
  accessId: "Member",
  startDateTime: "2026-09-06T18:10:47.0100000Z",
  endDateTime: "2026-09-06T18:40:45.843Z",
  assignmentType: "Activated",
  memberType: "Direct",
  assignmentScheduleId: `${HELPDESK_GROUP}_member_2`,
  ...changes,
});

describe("readGroup", () => {
  it("says whether the group can hold roles", async () => {
    const { graph } = gateway(batch({ body: { id: HELPDESK_GROUP, isAssignableToRole: true } }));
    const { value, date } = await graph.readGroup(HELPDESK_GROUP);
    expect(value).toEqual({ id: HELPDESK_GROUP, assignableToRole: true });
    expect(date).toBe(DATE_MS);
  });

  it("reads the null of an ordinary group as not assignable", async () => {
    const { graph } = gateway(batch({ body: { id: HELPDESK_GROUP, isAssignableToRole: null } }));
    expect((await graph.readGroup(HELPDESK_GROUP)).value?.assignableToRole).toBe(false);
  });

  it("is null for what is no group", async () => {
    const { graph } = gateway(batch({ status: 404, body: { error: { code: "Request_ResourceNotFound" } } }));
    expect((await graph.readGroup(HELPDESK_GROUP)).value).toBeNull();
  });

  it("refuses the answer about another group", async () => {
    const { graph } = gateway(batch({ body: { id: JANE, isAssignableToRole: true } }));
    expect((await failureOf(graph.readGroup(HELPDESK_GROUP))).code).toBe("unexpectedAnswer");
  });

  it("sends nothing for an id that is none", async () => {
    const { graph, sent } = gateway();
    expect((await failureOf(graph.readGroup("groups?$top=1"))).code).toBe("invalidGroupId");
    expect(sent).toEqual([]);
  });
});

describe("readHolders", () => {
  it("reads members and owners, all pages, users and service principals once each", async () => {
    const { graph } = gateway(
      batch(
        {
          body: {
            value: [user(JANE), { "@odata.type": "#microsoft.graph.group", id: HELPDESK_GROUP }],
            ...next("more"),
          },
        },
        { body: { value: [user(ROB)] } },
      ),
      json({ value: [user(JANE), { "@odata.type": "#microsoft.graph.servicePrincipal", id: APP }] }),
    );
    expect((await graph.readHolders(HELPDESK_GROUP)).value).toEqual({
      exists: true,
      members: [JANE, APP],
      owners: [ROB],
    });
  });

  it("finds nobody in a group that does not exist", async () => {
    const { graph } = gateway(batch({ status: 404 }, { status: 404 }));
    expect((await graph.readHolders(HELPDESK_GROUP)).value).toEqual({ exists: false, members: [], owners: [] });
  });

  it("fails when one page cannot be read: half a list would prove absences", async () => {
    const { graph } = gateway(
      batch({ body: { value: [user(JANE)], ...next("more") } }, { body: { value: [] } }),
      graphFailure(403, "Authorization_RequestDenied"),
    );
    expect((await failureOf(graph.readHolders(HELPDESK_GROUP))).message).toContain("GroupMember.Read.All");
  });

  it.each([
    ["Group.Read.All", true],
    ["GroupMember.Read.All", false],
  ])("names %s as missing when subscriptions are %s", async (name, subscriptions) => {
    const { graph } = gatewayNeeding(
      neededPermissions({ revoking: true, groups: true, subscriptions }),
      batch({ status: 403 }, { body: { value: [] } }),
    );
    expect((await failureOf(graph.readHolders(HELPDESK_GROUP))).message).toContain(`permission ${name} (`);
  });
});

describe("readIsHolder", () => {
  const holder = { principalId: JANE, groupId: HELPDESK_GROUP };
  it.each([
    { what: "a member", access: "member" as const, value: [ROB, HELPDESK_GROUP], held: true },
    { what: "no member", access: "member" as const, value: [ROB], held: false },
    { what: "an owner", access: "owner" as const, value: [user(ROB), user(JANE)], held: true },
    { what: "no owner", access: "owner" as const, value: [user(ROB)], held: false },
  ])("knows $what, from all pages", async ({ access, value: [first, ...others], held }) => {
    const { graph, sent } = gateway(batch({ body: { value: [first], ...next("more") } }), json({ value: others }));
    expect((await graph.readIsHolder({ ...holder, access })).value).toBe(held);
    const path = access === "owner" ? `groups/${HELPDESK_GROUP}/owners` : `users/${JANE}/getMemberGroups`;
    expect(JSON.stringify(sent[0]?.body)).toContain(path);
  });

  it.each(["member", "owner"] as const)("finds no %s where the user or the group does not exist", async (access) => {
    const { graph } = gateway(batch({ status: 404 }));
    expect((await graph.readIsHolder({ ...holder, access })).value).toBe(false);
  });
});

describe("readAccess", () => {
  it("reads the rows of a group in either casing, with canonical times", async () => {
    const { graph, sent } = gateway(json({ value: [accessRow()] }));
    expect((await graph.readAccess({ groupId: HELPDESK_GROUP })).value).toEqual([
      {
        groupId: HELPDESK_GROUP,
        principalId: JANE,
        access: "member",
        startDateTime: "2026-09-06T18:10:47.01Z",
        endDateTime: "2026-09-06T18:40:45.843Z",
        activated: true,
        assignmentScheduleId: `${HELPDESK_GROUP}_member_2`,
      },
    ]);
    expect(sent[0]?.url).toContain(`groupId%20eq%20%27${HELPDESK_GROUP}%27`);
  });

  it("reads the permanent rows of a principal", async () => {
    const { graph, sent } = gateway(json({ value: [accessRow({ startDateTime: null, endDateTime: null })] }));
    const { value } = await graph.readAccess({ principalId: JANE });
    expect(value.map(({ startDateTime, endDateTime }) => [startDateTime, endDateTime])).toEqual([[null, null]]);
    expect(sent[0]?.url).toContain(`principalId%20eq%20%27${JANE}%27`);
  });

  it("refuses a list that ignores the filter", async () => {
    const { graph } = gateway(json({ value: [accessRow({ groupId: JANE })] }));
    expect((await failureOf(graph.readAccess({ groupId: HELPDESK_GROUP }))).code).toBe("unexpectedAnswer");
  });

  it("names the permission that is missing", async () => {
    const { graph } = gateway(graphFailure(403, "Authorization_RequestDenied"));
    const failure = await failureOf(graph.readAccess({ groupId: HELPDESK_GROUP }));
    expect(failure.message).toContain("PrivilegedAssignmentSchedule.Read.AzureADGroup");
  });
});

describe("listAssignableGroups", () => {
  it("reads all pages of the groups that can hold roles", async () => {
    const { graph, sent } = gateway(
      json({ value: [{ id: HELPDESK_GROUP, isAssignableToRole: true }], ...next("groups?more") }),
      json({ value: [{ id: ROB, isAssignableToRole: true }] }),
    );
    expect((await graph.listAssignableGroups()).value).toEqual([HELPDESK_GROUP, ROB]);
    expect(sent[0]?.url).toContain("isAssignableToRole%20eq%20true");
  });
});
