import { expect, test } from "vitest";
import { auditedTenant, audits, lineOf } from "../audit/audit-fixture.ts";
import { codeOf, rowsOf, tenantForTest } from "../fixture.ts";

/** Jane's activation and expiry, then two accounts disabled: five rows of roles and two of users. */
async function someHistory() {
  const world = await auditedTenant();
  const { userId } = await world.activated(60);
  await world.pass(120_000);
  for (const name of ["joe", "jim"]) {
    const { id } = await world.control.createUser({ name });
    await world.control.changeUser(id, { accountEnabled: false });
    await world.pass(2_000);
  }
  const filtered = async (filter: string) =>
    (await world.rows(`$orderby=activityDateTime&$filter=${encodeURIComponent(filter)}`)).map(lineOf);
  return { ...world, userId, filtered };
}

const expired = "PIM: Remove member from role (PIM activation expired)";
const removed = "Core Directory: Remove member from role";
const disabled = "Core Directory: Disable account";

test("filters as documented, clauses joined by and", async () => {
  const { filtered, rows, userId } = await someHistory();
  const all = await rows();
  const [at, until] = [all[3], all[4]].map((row) => row?.activityDateTime);
  expect(await filtered(`activityDateTime ge ${at}`)).toEqual([removed, expired, disabled, disabled]);
  expect(await filtered(`activityDateTime ge ${at} and activityDateTime le ${until}`)).toEqual([removed, expired]);
  expect(await filtered(`activityDateTime eq ${at}`)).toEqual([removed]);
  expect(await filtered("activityDisplayName eq 'Disable account'")).toEqual([disabled, disabled]);
  expect(await filtered("startswith(activityDisplayName,'Remove')")).toEqual([removed, expired]);
  expect(await filtered("loggedByService eq 'PIM' and startswith(activityDisplayName,'Remove')")).toEqual([expired]);
  expect(await filtered(`id eq '${all[4]?.id}'`)).toEqual([expired]);
  expect(await filtered(`correlationId eq '${all[3]?.correlationId}'`)).toEqual([removed]);
  expect(await filtered("initiatedBy/user/displayName eq 'Azure AD PIM'")).toEqual([expired]);
  expect(await filtered("initiatedBy/user/userPrincipalName eq 'administrator@simulated.example'")).toHaveLength(2);
  expect(await filtered(`initiatedBy/user/id eq '${userId}'`)).toHaveLength(2);
  expect(await filtered("initiatedBy/app/displayName eq 'MS-PIM'")).toContain(removed);
  expect(await filtered(`initiatedBy/app/appId eq '${userId}'`)).toEqual([]);
  expect(await filtered(`targetResources/any(t:t/id eq '${userId}')`)).toHaveLength(5);
  expect(await filtered("targetResources/any(x: x/displayName eq 'joe')")).toEqual([disabled]);
  expect(await filtered("activityDisplayName eq 'it''s nothing'")).toEqual([]);
});

test.each([
  "category eq 'RoleManagement'",
  "result eq 'success'",
  "activityDateTime gt 2026-01-01T00:00:00Z",
  "activityDateTime ge 'yesterday'",
  "activityDisplayName eq 'a' or activityDisplayName eq 'b'",
  "activityDisplayName eq 'a' and",
  "targetResources/any(t:t/type eq 'User')",
  "targetResources/any(t:s/id eq 'x')",
  "constructor eq 'x'",
  "startswith(loggedByService,'P')",
])("refuses the undocumented filter: %s", async (filter) => {
  const { graph } = await auditedTenant();
  const answer = await graph(`${audits}?$filter=${encodeURIComponent(filter)}`);
  expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
});

test("gives the newest first, or as asked", async () => {
  const { rows, graph } = await someHistory();
  const times = async (query: string) => (await rows(query)).map(({ activityDateTime }) => activityDateTime);
  const newestFirst = (await times("")).toSorted().toReversed();
  expect(await times("")).toEqual(newestFirst);
  expect(await times("$orderby=activityDateTime desc")).toEqual(newestFirst);
  expect(await times("$orderby=activityDateTime asc")).toEqual(newestFirst.toReversed());
  expect((await graph(`${audits}?$orderby=id`)).status).toBe(400);
});

test("gives pages and selected properties", async () => {
  const { graph } = await someHistory();
  const pages = [];
  for (let next: string | undefined = `${audits}?$top=3&$select=id,activityDateTime`; next !== undefined; ) {
    const answer = await graph(next);
    pages.push(rowsOf(answer));
    next = answer.body["@odata.nextLink"];
  }
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
  expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(7);
  expect(Object.keys(pages[0]?.[0] ?? {})).toEqual(["id", "activityDateTime"]);
});

test("refuses a question about more than thirty days ago", async () => {
  const { graph, control } = await auditedTenant();
  const now = Date.parse((await control.clock()).now);
  const since = (daysAgo: number) =>
    `${audits}?$filter=activityDateTime ge ${new Date(now - daysAgo * 86_400_000).toISOString()}`;
  expect((await graph(since(29.99))).status).toBe(200);
  const refused = await graph(since(30.01));
  expect([refused.status, codeOf(refused)]).toEqual([400, "BadRequest"]);
  expect(refused.body.error).toMatchObject({ message: expect.stringContaining("Minimum allowed time") });
});

test("wants AuditLog.Read.All", async () => {
  const { graph, control } = await tenantForTest();
  await control.changeSettings({ permissions: ["Directory.Read.All"] });
  const answer = await graph(audits);
  expect([answer.status, codeOf(answer)]).toEqual([403, "Authorization_RequestDenied"]);
});

test("can be missing, as in some clouds", async () => {
  const { graph, control } = await tenantForTest();
  await control.changeSettings({ audit: { offered: false } });
  const answer = await graph(audits);
  expect([answer.status, codeOf(answer)]).toEqual([400, "BadRequest"]);
});

test("allows five calls in any ten seconds, apart from all other calls", async () => {
  const { graph, control } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeSettings({ quotas: { resourceUnitsPer10Seconds: 1000 } });
  const read = async () => (await graph(audits)).status;
  expect([await read(), await read()]).toEqual([200, 200]);
  await control.setClock({ jumpMs: 6_000 });
  expect([await read(), await read(), await read()]).toEqual([200, 200, 200]);
  const refused = await graph(audits);
  expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([429, "TooManyRequests", "4"]);
  expect((await graph(`/users/${id}`)).headers.get("x-ms-throttle-limit-percentage")).toBeNull();
  await control.setClock({ jumpMs: 4_000 });
  expect([await read(), await read(), await read()]).toEqual([200, 200, 429]);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "throttled", information: "ReportLimitExceeded" }),
  );
});

test("a tenant without a licence is refused as has been seen", async () => {
  const { control, graph } = await tenantForTest();
  await control.changeSettings({ licensed: false });
  const answer = await graph(audits);
  expect([answer.status, codeOf(answer)]).toEqual([403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"]);
});
