import { describe, expect, it } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import {
  BASE_URL,
  batch,
  DATE_MS,
  directoryRow,
  failureOf,
  gateway,
  HELPDESK_GROUP,
  JANE,
  json,
  roleInstanceRow,
  USER_ADMIN,
} from "./harness.ts";

const OTHER_GROUP = "11111111-2222-4333-8444-555555555555";
const page = (...rows: unknown[]) => ({ body: { value: rows } });
const heldBy = (principalId: string, changes = {}) => directoryRow({ principalId, ...changes });
const instanceOf = (principalId: string, changes = {}) => roleInstanceRow({ principalId, ...changes });
const SCHEDULE = "c3c3c3c3-0003-4abc-8def-0123456789ab";

describe("readGroupPaths", () => {
  it("joins memberships, the directory and the instances", async () => {
    const { graph, sent } = gateway(
      batch(
        page(HELPDESK_GROUP.toUpperCase()),
        page(heldBy(HELPDESK_GROUP), heldBy(OTHER_GROUP), heldBy(JANE)),
        page(instanceOf(HELPDESK_GROUP), instanceOf(OTHER_GROUP), instanceOf(JANE)),
      ),
    );
    const { value, date } = await graph.readGroupPaths(JANE, [USER_ADMIN.toUpperCase()]);
    expect(value).toEqual([
      {
        groupId: HELPDESK_GROUP,
        roleDefinitionId: USER_ADMIN,
        directoryScopeId: "/",
        appScopeId: "",
        startDateTime: "2026-09-06T18:10:47.01Z",
        endDateTime: "2026-09-06T18:40:45.843Z",
        roleAssignmentScheduleId: SCHEDULE,
      },
    ]);
    expect(date).toBe(DATE_MS);
    const headers = { "x-ms-throttle-priority": "high" };
    const filter = `$filter=roleDefinitionId%20eq%20'${USER_ADMIN}'`;
    expect(sent[0]?.body).toEqual({
      requests: [
        {
          id: "1",
          method: "POST",
          url: `/users/${JANE}/getMemberGroups`,
          headers: { ...headers, "Content-Type": "application/json" },
          body: { securityEnabledOnly: true },
        },
        { id: "2", method: "GET", url: `/roleManagement/directory/roleAssignments?${filter}`, headers },
        { id: "3", method: "GET", url: `/roleManagement/directory/roleAssignmentScheduleInstances?${filter}`, headers },
      ],
    });
  });

  it("knows no end where only the directory lists the group, or where the instance is of another scope", async () => {
    const { graph } = gateway(
      batch(
        page(HELPDESK_GROUP),
        page(heldBy(HELPDESK_GROUP), heldBy(HELPDESK_GROUP, { appScopeId: "/app" })),
        page(
          instanceOf(HELPDESK_GROUP, { directoryScopeId: "/administrativeUnits/1" }),
          instanceOf(HELPDESK_GROUP, { roleDefinitionId: OTHER_GROUP }),
        ),
      ),
    );
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    const incomplete = { startDateTime: null, endDateTime: null, roleAssignmentScheduleId: "" };
    expect(value).toEqual([
      { groupId: HELPDESK_GROUP, roleDefinitionId: USER_ADMIN, directoryScopeId: "/", appScopeId: "", ...incomplete },
      {
        groupId: HELPDESK_GROUP,
        roleDefinitionId: USER_ADMIN,
        directoryScopeId: "/",
        appScopeId: "/app",
        ...incomplete,
      },
    ]);
  });

  it("gives every assignment by which the group holds the role", async () => {
    const permanent = instanceOf(HELPDESK_GROUP, { endDateTime: null, roleAssignmentScheduleId: "permanent" });
    const { graph } = gateway(
      batch(page(HELPDESK_GROUP), page(heldBy(HELPDESK_GROUP)), page(instanceOf(HELPDESK_GROUP), permanent)),
    );
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    expect(value.map(({ roleAssignmentScheduleId }) => roleAssignmentScheduleId)).toEqual([SCHEDULE, "permanent"]);
  });

  it("does not take an instance for a path that the directory does not list", async () => {
    const { graph } = gateway(batch(page(HELPDESK_GROUP), page(), page(instanceOf(HELPDESK_GROUP))));
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    expect(value).toEqual([]);
  });

  it("ignores a role that was not asked for", async () => {
    const { graph } = gateway(
      batch(page(HELPDESK_GROUP), page(heldBy(HELPDESK_GROUP, { roleDefinitionId: OTHER_GROUP })), page()),
    );
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    expect(value).toEqual([]);
  });

  it("finds no paths for a user who does not exist", async () => {
    const { graph } = gateway(batch({ status: 404 }, page(), page()));
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    expect(value).toEqual([]);
  });

  it("asks for the memberships even when there are no roles to find", async () => {
    const { graph } = gateway(batch(page(HELPDESK_GROUP)));
    const { value, date } = await graph.readGroupPaths(JANE, []);
    expect({ value, date }).toEqual({ value: [], date: DATE_MS });
  });

  it("follows the pages of a role held by many", async () => {
    const link = `${BASE_URL}/v1.0/roleManagement/directory/roleAssignments?$skiptoken=2`;
    const { graph } = gateway(
      batch(page(HELPDESK_GROUP), { body: { value: [], "@odata.nextLink": link } }, page()),
      json({ value: [heldBy(HELPDESK_GROUP)] }),
    );
    const { value } = await graph.readGroupPaths(JANE, [USER_ADMIN]);
    expect(value).toHaveLength(1);
  });

  it("splits more than nine roles over several batches, each role once", async () => {
    const roles = Array.from({ length: 10 }, (_, index) => `${USER_ADMIN.slice(0, -1)}${index}`);
    const lists = (held: readonly string[]) =>
      held.flatMap((role) => [page(heldBy(HELPDESK_GROUP, { roleDefinitionId: role })), page()]);
    const { graph, sent } = gateway(
      batch(page(HELPDESK_GROUP), ...lists(roles.slice(0, 9))),
      batch(...lists(roles.slice(9))),
    );
    const { value } = await graph.readGroupPaths(JANE, [...roles, ...roles]);
    expect(value.map(({ roleDefinitionId }) => roleDefinitionId)).toEqual(roles);
    expect(sent.map(({ body }) => body)).toMatchObject([{ requests: { length: 19 } }, { requests: { length: 2 } }]);
  });

  it.each([
    ["x", [USER_ADMIN], "invalidPrincipalId"],
    [JANE, ["Global Administrator"], "invalidRoleDefinitionId"],
  ])("never puts junk into a URL", async (user, roles, code) => {
    const { graph, sent } = gateway();
    const error = await failureOf(graph.readGroupPaths(user, roles));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe(code);
    expect(sent).toEqual([]);
  });

  it("fails on memberships that are not what was promised", async () => {
    const { graph } = gateway(batch(page({ id: HELPDESK_GROUP }), page(), page()));
    const error = await failureOf(graph.readGroupPaths(JANE, [USER_ADMIN]));
    expect(error.code).toBe("unexpectedAnswer");
    expect(error.message).toContain("POST users/{id}/getMemberGroups: value[0] is not");
  });
});
