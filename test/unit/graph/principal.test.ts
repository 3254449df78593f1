import { describe, expect, it } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import {
  BASE_URL,
  batch,
  DATE_MS,
  directoryRow,
  failureOf,
  gateway,
  graphFailure,
  type ItemAnswer,
  JANE,
  json,
  roleInstanceRow,
  USER_ADMIN,
  userBody,
} from "./harness.ts";

const page = (...rows: unknown[]): ItemAnswer => ({ body: { value: rows } });
const reading = (user: ItemAnswer = { body: userBody() }) => batch(page(roleInstanceRow()), page(directoryRow()), user);

describe("readPrincipal", () => {
  it("reads everything about a principal in one batch", async () => {
    const { graph, sent } = gateway(reading());
    const { value, date, at } = await graph.readPrincipal(JANE.toUpperCase());

    expect(value).toEqual({
      instances: [
        {
          principalId: JANE,
          roleDefinitionId: USER_ADMIN,
          directoryScopeId: "/",
          appScopeId: "",
          startDateTime: "2026-09-06T18:10:47.01Z",
          endDateTime: "2026-09-06T18:40:45.843Z",
          assignmentType: "Activated",
          memberType: "Direct",
          roleAssignmentScheduleId: "c3c3c3c3-0003-4abc-8def-0123456789ab",
        },
      ],
      directory: [{ principalId: JANE, roleDefinitionId: USER_ADMIN, directoryScopeId: "/", appScopeId: "" }],
      user: { id: JANE, external: false, restricted: false, sessionsValidFrom: Date.UTC(2026, 8, 1, 8) },
    });
    expect({ date, at }).toEqual({ date: DATE_MS, at: 1_000 });
    const headers = { "x-ms-throttle-priority": "high" };
    const select = "id,identities,isManagementRestricted,signInSessionsValidFromDateTime";
    const filter = `$filter=principalId%20eq%20'${JANE}'`;
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      url: `${BASE_URL}/v1.0/$batch`,
      method: "POST",
      body: {
        requests: [
          {
            id: "1",
            method: "GET",
            url: `/roleManagement/directory/roleAssignmentScheduleInstances?${filter}`,
            headers,
          },
          { id: "2", method: "GET", url: `/roleManagement/directory/roleAssignments?${filter}`, headers },
          { id: "3", method: "GET", url: `/users/${JANE}?$select=${select}`, headers },
        ],
      },
    });
  });

  const own = { signInType: "userPrincipalName", issuer: "simulated.example" };
  const federated = { signInType: "Federated", issuer: "ExternalAzureAD" };

  it.each([
    { who: "an accepted guest", identities: [federated, own], external: true },
    { who: "an invited member", identities: [own, { ...federated, issuer: "mail" }], external: true },
    { who: "a member", identities: [own], external: false },
    { who: "an internal guest, whatever their userType says", identities: [own], userType: "Guest", external: false },
    { who: "an identity without a type", identities: [{ issuer: "simulated.example" }], external: false },
  ])("sees whether another tenant signs in $who: $external", async ({ who: _, external, ...changes }) => {
    const { graph } = gateway(reading({ body: userBody(changes) }));
    const { value } = await graph.readPrincipal(JANE);
    expect(value.user?.external).toBe(external);
  });

  it("sees whether the user is in a restricted management administrative unit", async () => {
    const { graph } = gateway(reading({ body: userBody({ isManagementRestricted: true }) }));
    const { value } = await graph.readPrincipal(JANE);
    expect(value.user?.restricted).toBe(true);
  });

  it("reads a user without properties as a member who never had sessions cut", async () => {
    const { graph } = gateway(reading({ body: { id: JANE } }));
    const { value } = await graph.readPrincipal(JANE);
    expect(value.user).toEqual({ id: JANE, external: false, restricted: false, sessionsValidFrom: null });
  });

  it("cuts the fraction off signInSessionsValidFromDateTime", async () => {
    const body = userBody({ signInSessionsValidFromDateTime: "2026-09-10T14:32:27.9Z" });
    const { graph } = gateway(reading({ body }));
    const { value } = await graph.readPrincipal(JANE);
    expect(value.user?.sessionsValidFrom).toBe(Date.UTC(2026, 8, 10, 14, 32, 27));
  });

  it("reads a missing user as null", async () => {
    const { graph } = gateway(reading({ status: 404, body: { error: { code: "Request_ResourceNotFound" } } }));
    const { value } = await graph.readPrincipal(JANE);
    expect(value.user).toBeNull();
  });

  it("follows the pages of an item", async () => {
    const link = `${BASE_URL}/v1.0/roleManagement/directory/roleAssignments?$filter=principalId eq '${JANE}'&$skiptoken=a=b%2F`;
    const { graph, sent } = gateway(
      batch(page(), { body: { value: [], "@odata.nextLink": link } }, { status: 404 }),
      json({ value: [directoryRow({ directoryScopeId: null, appScopeId: "/app" })] }),
    );
    const { value } = await graph.readPrincipal(JANE);
    expect(value.directory).toEqual([
      { principalId: JANE, roleDefinitionId: USER_ADMIN, directoryScopeId: "", appScopeId: "/app" },
    ]);
    expect(sent[1]?.url).toBe(new URL(link).href);
    expect(sent[1]?.headers.get("x-ms-throttle-priority")).toBe("high");
  });

  it("reads everything anew when the token of a further page has expired", async () => {
    const link = `${BASE_URL}/v1.0/roleManagement/directory/roleAssignments?$skiptoken=a`;
    const { graph, sent } = gateway(
      batch(page(), { body: { value: [], "@odata.nextLink": link } }, { body: userBody() }),
      graphFailure(400, "BadRequest"),
      reading(),
    );
    const { value } = await graph.readPrincipal(JANE);
    expect(value.directory).toHaveLength(1);
    expect(sent.map(({ method }) => method)).toEqual(["POST", "GET", "POST"]);
  });

  it.each(["", "me", `${JANE}'`, "../users", "jane@contoso.example"])("never puts %j into a URL", async (id) => {
    const { graph, sent } = gateway();
    const error = await failureOf(graph.readPrincipal(id));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("invalidPrincipalId");
    expect(sent).toEqual([]);
  });

  it.each([
    ["instances", batch(page(roleInstanceRow({ principalId: USER_ADMIN })), page(), { status: 404 })],
    ["directory assignments", batch(page(), page(directoryRow({ principalId: USER_ADMIN })), { status: 404 })],
    ["user", reading({ body: userBody({ id: USER_ADMIN }) })],
  ])("does not conclude anything from another principal's %s", async (_, answer) => {
    const { graph } = gateway(answer);
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.code).toBe("unexpectedAnswer");
  });

  it.each([{ body: null }, {}])("does not take an empty answer for a missing user", async (answer) => {
    const { graph } = gateway(reading(answer), reading(answer), reading(answer));
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error.message).toMatch(/^GET users\/\{id\} answered 200 with a body that breaks off/);
  });

  it("fails as a whole when one item fails", async () => {
    const denied = {
      status: 403,
      headers: { "request-id": "item-1" },
      body: { error: { code: "Authorization_RequestDenied" } },
    };
    const { graph, sent } = gateway(batch(page(), denied, { body: userBody() }));
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error).toMatchObject({ code: "Authorization_RequestDenied", status: 403, requestId: "item-1" });
    expect(error.message).toContain("RoleManagement.Read.Directory (483bed4a-2ad3-4361-a73b-c83ccdbdc53c)");
    expect(sent).toHaveLength(1);
  });

  it("waits as long as the item that wants the longest wait", async () => {
    const throttled = (seconds: string) => ({ status: 429, headers: { "Retry-After": seconds }, body: {} });
    const { graph } = gateway(batch(throttled("3"), throttled("10.5"), { status: 503 }));
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "throttled", retryAfter: 10_500, code: "http429" });
  });

  it("reports the item that needs a person rather than the one that needs time", async () => {
    const { graph } = gateway(
      batch({ status: 429, headers: { "Retry-After": "60" } }, { status: 403 }, { status: 500 }),
    );
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error).toBeInstanceOf(GraphPermanentError);
    expect(error.status).toBe(403);
  });

  it("tries the whole batch again when an item was unavailable", async () => {
    const { graph, sent, clock } = gateway(batch(page(), { status: 507 }, { status: 404 }), reading());
    const { value } = await graph.readPrincipal(JANE);
    expect(value.directory).toHaveLength(1);
    expect(sent).toHaveLength(2);
    expect(clock.sleeps).toEqual([200]);
  });

  it("names the failed item, not the batch, and nobody's name", async () => {
    const { graph } = gateway(graphFailure(400, "BadRequest"));
    const error = await failureOf(graph.readPrincipal(JANE));
    expect(error.message).toBe(
      "POST $batch answered 400 (BadRequest). Trying again will not help: give the request-id to Microsoft support.",
    );
  });
});
