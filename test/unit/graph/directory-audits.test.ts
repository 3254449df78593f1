import { describe, expect, it } from "vitest";
import { AUDITS_UNSUPPORTED } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { directoryRoleRow } from "../../fixtures/audit/audit-rows.ts";
import { BASE_URL, batch, DATE_MS, failureOf, gateway, graphFailure, JANE, json, userBody } from "./harness.ts";

const LIST = `${BASE_URL}/v1.0/auditLogs/directoryAudits`;
const since = Date.UTC(2026, 2, 1, 10);
const page = (rows: unknown[], link?: string) => json({ value: rows, ...(link ? { "@odata.nextLink": link } : {}) });
const filterOf = (url: string | undefined) => new URL(url ?? "").searchParams.get("$filter");

describe("readDirectoryAudits", () => {
  it("reads rows from a moment on, oldest first", async () => {
    const { graph, sent } = gateway(page([directoryRoleRow()]));
    const { value, date } = await graph.readDirectoryAudits({ since });
    expect(value).toEqual([directoryRoleRow()]);
    expect(date).toBe(DATE_MS);
    const [request] = sent;
    expect(request?.method).toBe("GET");
    expect(request?.url.startsWith(`${LIST}?`)).toBe(true);
    expect(filterOf(request?.url)).toBe("activityDateTime ge 2026-03-01T10:00:00.000Z");
    expect(new URL(request?.url ?? "").searchParams.get("$orderby")).toBe("activityDateTime");
    expect(request?.headers.get("x-ms-throttle-priority")).toBe("normal");
  });

  it("narrows by end, target and activity", async () => {
    const { graph, sent } = gateway(page([]));
    await graph.readDirectoryAudits({
      since,
      until: since + 1_500,
      targetId: JANE.toUpperCase(),
      activity: "Disable 'account' & more",
    });
    expect(filterOf(sent[0]?.url)).toBe(
      "activityDateTime ge 2026-03-01T10:00:00.000Z and activityDateTime le 2026-03-01T10:00:01.500Z" +
        ` and targetResources/any(t:t/id eq '${JANE}') and activityDisplayName eq 'Disable ''account'' & more'`,
    );
    expect(sent[0]?.url).not.toContain(" ");
  });

  it("never puts into a URL what is no object id", async () => {
    const { graph, sent } = gateway();
    const error = await failureOf(graph.readDirectoryAudits({ since, targetId: "x') or (1 eq 1" }));
    expect(error).toMatchObject({ code: "invalidPrincipalId" });
    expect(sent).toEqual([]);
  });

  it("goes through all pages at the pace of reports, and hands out rows as they came", async () => {
    const odd = { id: 7, anything: null };
    const { graph, sent, clock } = gateway(
      page([directoryRoleRow()], `${LIST}?$skiptoken=2`),
      page([odd], `${LIST}?$skiptoken=3`),
      page([odd], `${LIST}?$skiptoken=4`),
      page([]),
    );
    const { value } = await graph.readDirectoryAudits({ since });
    expect(value).toEqual([directoryRoleRow(), odd, odd]);
    expect(sent.map(({ url }) => url).slice(1)).toEqual([2, 3, 4].map((token) => `${LIST}?$skiptoken=${token}`));
    expect(clock.sleeps).toEqual([3_400, 3_400]);
  });

  it("says to a reading that comes too soon when to come back, and sends nothing", async () => {
    const { graph, sent } = gateway(page([]), page([]));
    await graph.readDirectoryAudits({ since });
    await graph.readDirectoryAudits({ since });
    const error = await failureOf(graph.readDirectoryAudits({ since }));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ code: "reportPace", retryAfter: 3_400 });
    expect(sent).toHaveLength(2);
  });

  it("holds up no other read when reports are throttled, nor is held up by them", async () => {
    const throttled = () => graphFailure(429, "TooManyRequests", { "retry-after": "30" });
    const user = batch({ body: { value: [] } }, { body: { value: [] } }, { body: userBody() });
    const { graph, sent } = gateway(throttled(), user, throttled(), page([]));
    expect(await failureOf(graph.readDirectoryAudits({ since }))).toMatchObject({ retryAfter: 30_000 });
    await graph.readPrincipal(JANE);
    expect(await failureOf(graph.readDirectoryAudits({ since }))).toMatchObject({ code: "heldBack" });
    expect(sent).toHaveLength(2);

    const other = gateway(throttled(), page([]));
    expect(await failureOf(other.graph.readPrincipal(JANE))).toMatchObject({ retryAfter: 30_000 });
    await other.graph.readDirectoryAudits({ since });
    expect(await failureOf(other.graph.readPrincipal(JANE))).toMatchObject({ code: "heldBack" });
  });

  it("takes its turn for every try", async () => {
    const { graph, sent, clock } = gateway(graphFailure(503, "x"), graphFailure(503, "x"), page([]));
    await graph.readDirectoryAudits({ since });
    expect(sent).toHaveLength(3);
    expect(clock.sleeps).toEqual([200, 400, 2_800]);
  });

  it.each([
    ["404", [graphFailure(404, "ResourceNotFound")]],
    ["400 to any question", [graphFailure(400, "BadRequest"), graphFailure(400, "BadRequest")]],
    ["400, then 404", [graphFailure(400, "BadRequest"), graphFailure(404, "ResourceNotFound")]],
  ])("knows a cloud without the audit log by %s", async (_, answers) => {
    const { graph } = gateway(...answers);
    const error = await failureOf(graph.readDirectoryAudits({ since }));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error).toMatchObject({ code: AUDITS_UNSUPPORTED, requestId: "req-1" });
    expect(error.message).toMatch(/^This cloud does not offer the audit log/);
  });

  it("does not take a missing further page for a missing log", async () => {
    const { graph, sent } = gateway(page([], `${LIST}?$skiptoken=2`), graphFailure(404, "ResourceNotFound"));
    const error = await failureOf(graph.readDirectoryAudits({ since }));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "pageMissing", status: 404, requestId: "req-1" });
    expect(sent).toHaveLength(2);
  });

  it("begins anew when the token of a further page has expired", async () => {
    const expired = () => graphFailure(400, "BadRequest");
    const { graph, sent } = gateway(page([], `${LIST}?$skiptoken=2`), expired(), page([directoryRoleRow()]));
    expect((await graph.readDirectoryAudits({ since })).value).toEqual([directoryRoleRow()]);
    expect(sent).toHaveLength(3);

    const first = () => page([], `${LIST}?$skiptoken=2`);
    const never = gateway(first(), expired(), first(), expired(), first(), expired());
    expect(await failureOf(never.graph.readDirectoryAudits({ since }))).toMatchObject({ code: "pageTokenRefused" });
  });

  it("does not take a refused question for a missing log", async () => {
    const { graph, sent } = gateway(graphFailure(400, "BadRequest"), page([]));
    const error = await failureOf(graph.readDirectoryAudits({ since: 0 }));
    expect(error).toMatchObject({ code: "BadRequest", status: 400 });
    expect(sent[1]?.url).toBe(`${LIST}?$top=1`);
  });

  it("does not take trouble for a missing log", async () => {
    const unknown = gateway(graphFailure(400, "BadRequest"), graphFailure(403, "Authorization_RequestDenied"));
    expect(await failureOf(unknown.graph.readDirectoryAudits({ since }))).toMatchObject({ status: 403 });
    const denied = gateway(graphFailure(403, "Authorization_RequestDenied"));
    const error = await failureOf(denied.graph.readDirectoryAudits({ since }));
    expect(error.message).toContain("AuditLog.Read.All (b0afded3-3588-46d8-8b3d-9842eff778da)");
  });

  it("fails on a list that is none", async () => {
    const { graph } = gateway(page(["row"]));
    const error = await failureOf(graph.readDirectoryAudits({ since }));
    expect(error.message).toContain("GET auditLogs/directoryAudits: value[0] is not");
  });
});
