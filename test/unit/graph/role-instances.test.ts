import { describe, expect, it } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { BASE_URL, DATE_MS, failureOf, gateway, graphFailure, JANE, json, roleInstanceRow } from "./harness.ts";

const URL_OF_LIST = `${BASE_URL}/v1.0/roleManagement/directory/roleAssignmentScheduleInstances`;
const pageWith = (link: string, ...rows: unknown[]) => json({ value: rows, "@odata.nextLink": link });

describe("listRoleInstances", () => {
  it("reads all pages and dates them by the first", async () => {
    const { graph, sent } = gateway(
      pageWith(`${URL_OF_LIST}?$skiptoken=2`, roleInstanceRow()),
      json({ value: [roleInstanceRow({ startDateTime: null, endDateTime: null })] }, 200, {
        date: "Sun, 06 Sep 2026 18:40:59 GMT",
      }),
    );
    const { value, date } = await graph.listRoleInstances();
    expect(value.map(({ endDateTime }) => endDateTime)).toEqual(["2026-09-06T18:40:45.843Z", null]);
    expect(date).toBe(DATE_MS);
    expect(sent.map(({ url }) => url)).toEqual([URL_OF_LIST, `${URL_OF_LIST}?$skiptoken=2`]);
    expect(sent.map(({ headers }) => headers.get("x-ms-throttle-priority"))).toEqual(["low", "low"]);
  });

  it("takes rows in any casing and with absent fields", async () => {
    const { directoryScopeId: _, appScopeId: __, endDateTime: ___, ...sparse } = roleInstanceRow();
    const row = {
      ...sparse,
      principalId: JANE.toUpperCase(),
      assignmentType: "assigned",
      memberType: "GROUP",
      roleAssignmentScheduleId: "c3c3c3c3-0003-4abc-8def-0123456789ab",
    };
    const { graph } = gateway(json({ value: [row] }));
    const { value } = await graph.listRoleInstances();
    expect(value[0]).toMatchObject({
      principalId: JANE,
      directoryScopeId: "",
      appScopeId: "",
      endDateTime: null,
      assignmentType: "Assigned",
      memberType: "Group",
      roleAssignmentScheduleId: "c3c3c3c3-0003-4abc-8def-0123456789ab",
    });
  });

  it("keeps the case of a schedule id that is no GUID", async () => {
    const roleAssignmentScheduleId = "Permanent_row_IDs-keep-case-1";
    const { graph } = gateway(json({ value: [roleInstanceRow({ roleAssignmentScheduleId })] }));
    const { value } = await graph.listRoleInstances();
    expect(value[0]?.roleAssignmentScheduleId).toBe(roleAssignmentScheduleId);
  });

  it.each([
    ["principalId", "jane.doe@contoso.example"],
    ["roleDefinitionId", null],
    ["endDateTime", "soon: jane.doe@contoso.example"],
    ["startDateTime", 12],
    ["memberType", "Distant"],
    ["assignmentType", undefined],
    ["roleAssignmentScheduleId", ""],
    ["directoryScopeId", 7],
  ])("sets a row aside whose %s is not what was promised, and reports its place", async (field, junk) => {
    const { graph, sent } = gateway(json({ value: [roleInstanceRow(), roleInstanceRow({ [field]: junk })] }));
    const { value, unreadable } = await graph.listRoleInstances();
    expect(value).toHaveLength(1);
    expect(unreadable).toEqual([`value[1].${field}`]);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["no list", json({})],
    ["an array", json([])],
    ["nothing", json(null)],
  ])("fails on a body with %s", async (_, answer) => {
    const { graph } = gateway(answer);
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("unexpectedAnswer");
  });

  it.each([
    "https://attacker.example/v1.0/x",
    "http://graph.example/v1.0/x",
    "https://graph.example:8443/v1.0/x",
    "https://user@graph.example/v1.0/x",
    "https://graph.example/v1.0/../beta/x",
    "https://graph.example.attacker.example/v1.0/x",
    "//attacker.example/v1.0/x",
    "/v1.0/x",
  ])("does not carry the token to %s", async (link) => {
    const { graph, sent } = gateway(pageWith(link));
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("foreignLink");
    expect(sent).toHaveLength(1);
  });

  it("does not carry the token away by a link that the SDK would take apart", async () => {
    const { graph, sent } = gateway(pageWith(`${BASE_URL}/v1.0/https://attacker.example/v1.0/x`));
    const error = await failureOf(graph.listRoleInstances());
    expect(error.code).toBe("foreignLink");
    expect(sent).toHaveLength(1);
  });

  const next = (token: number) => pageWith(`${URL_OF_LIST}?$skiptoken=${token}`);
  const expired = () => graphFailure(400, "BadRequest");

  it.each(["BadRequest", "Directory_ExpiredPageToken", ""])(
    "begins anew when the token of a further page has expired (%j), and reports a broken row once",
    async (code) => {
      const broken = json({ value: [{}], "@odata.nextLink": `${URL_OF_LIST}?$skiptoken=1` });
      const again = json({ value: [{}], "@odata.nextLink": `${URL_OF_LIST}?$skiptoken=2` });
      const { graph, sent } = gateway(broken, graphFailure(400, code), again, json({ value: [roleInstanceRow()] }));
      const { value, unreadable } = await graph.listRoleInstances();
      expect(value).toHaveLength(1);
      expect(unreadable).toHaveLength(1);
      expect(sent.map(({ url }) => url)).toEqual([
        URL_OF_LIST,
        `${URL_OF_LIST}?$skiptoken=1`,
        URL_OF_LIST,
        `${URL_OF_LIST}?$skiptoken=2`,
      ]);
    },
  );

  it("begins anew twice at most, and then leaves it to the next reading", async () => {
    const { graph, sent } = gateway(next(1), expired(), next(2), expired(), next(3), expired());
    const error = await failureOf(graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "pageTokenRefused", status: 400, requestId: "req-1" });
    expect(sent).toHaveLength(6);
  });

  it("does not begin anew when the first page itself is refused, nor when a permission is taken away between two", async () => {
    const first = gateway(expired());
    expect(await failureOf(first.graph.listRoleInstances())).toBeInstanceOf(GraphPermanentError);
    const denied = gateway(next(1), graphFailure(403, "Authorization_RequestDenied"));
    expect(await failureOf(denied.graph.listRoleInstances())).toBeInstanceOf(GraphPermanentError);
    expect([first.sent.length, denied.sent.length]).toEqual([1, 2]);
  });

  it("stops at a page that leads back to itself", async () => {
    const again = () => pageWith(`${URL_OF_LIST}?$skiptoken=2`);
    const { graph, sent } = gateway(again(), again());
    const error = await failureOf(graph.listRoleInstances());
    expect(error.code).toBe("unexpectedAnswer");
    expect(error.message).toContain("@odata.nextLink");
    expect(sent).toHaveLength(2);
  });

  it("stops at a list that never ends", async () => {
    const pages = Array.from({ length: 600 }, (_, index) => pageWith(`${URL_OF_LIST}?$skiptoken=${index}`));
    const { graph, sent } = gateway(...pages);
    const error = await failureOf(graph.listRoleInstances());
    expect(error.code).toBe("unexpectedAnswer");
    expect(sent).toHaveLength(501);
  });

  it("gives way to urgent reads while the quota is used up, longer each time, but not for ever", async () => {
    const full = (index: number) =>
      json({ value: [], "@odata.nextLink": `${URL_OF_LIST}?$skiptoken=${index}` }, 200, {
        "x-ms-throttle-limit-percentage": "1.1",
      });
    const { graph, clock } = gateway(
      full(1),
      full(2),
      full(3),
      full(4),
      full(5),
      full(6),
      full(7),
      json({ value: [] }),
    );
    await graph.listRoleInstances();
    expect(clock.sleeps).toEqual([100, 200, 400, 800, 1000]);
  });
});
