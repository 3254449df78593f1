import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTenantClient, type TenantClient } from "../../local/tenant/client.ts";
import { type RunningTenant, startTenant } from "../../local/tenant/start-tenant.ts";
import { classifyAudit } from "../../shared/audit-log/classify.ts";
import { createCorroborator } from "../../shared/audit-log/corroborate.ts";
import { parseAuditRows, parseAuditStream } from "../../shared/audit-log/parse.ts";
import type { AuditRecord } from "../../shared/audit-log/record.ts";
import { reduceEnds } from "../../shared/audit-log/reduce-ends.ts";
import { createGraph, type GraphGateway } from "../../shared/graph/create-graph.ts";
import { AUDITS_UNSUPPORTED } from "../../shared/graph/directory-audits.ts";

const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const appToken = z.object({ access_token: z.string() });

/** Two readings of the same documents meet: what the simulated tenant writes, and what the app makes of it. */
describe("directory audits of the simulated tenant", () => {
  let tenant: RunningTenant;
  let control: TenantClient;
  let graph: GraphGateway;
  let principalId: string;
  /** Time stands still, in the tenant and for the app, unless the code sleeps. */
  let slept = 0;

  const clock = {
    now: () => slept,
    monotonic: () => slept,
    async sleep(ms: number) {
      slept += ms;
      await control.setClock({ jumpMs: ms });
    },
  };
  const credential = {
    async getToken() {
      const query = "api-version=2019-08-01&resource=https://graph.microsoft.com";
      const headers = { "X-IDENTITY-HEADER": tenant.identityHeader };
      const response = await fetch(`${tenant.identityEndpoint}?${query}`, { headers });
      return { token: appToken.parse(await response.json()).access_token, expiresOnTimestamp: Number.MAX_VALUE };
    },
  };

  beforeEach(async () => {
    slept = 0;
    tenant = await startTenant({ scale: 0 });
    control = createTenantClient(tenant.url);
    const scope = "https://graph.microsoft.com/.default";
    graph = createGraph({ baseUrl: tenant.url, credential, scope, fetch, clock, random: () => 0.5 });
    ({ id: principalId } = await control.createUser({ name: "jane" }));
  });
  afterEach(() => tenant.close());

  const anHourAgo = async () => Date.parse((await control.clock()).now) - 3_600_000;
  const fromGraph = async () => {
    const { records, problems } = parseAuditRows((await graph.readDirectoryAudits({ since: await anHourAgo() })).value);
    expect(problems).toEqual([]);
    return records;
  };
  const fromStream = async () => {
    const { records, problems } = parseAuditStream([await control.auditEnvelopes()]);
    expect(problems).toEqual([]);
    return records;
  };
  const endsIn = (records: readonly AuditRecord[]) => {
    const verdicts = records.map(classifyAudit);
    expect(verdicts.filter(({ kind }) => kind === "unclearEnd")).toEqual([]);
    return reduceEnds(verdicts.filter((verdict) => verdict.kind === "roleEnd" || verdict.kind === "groupEnd"));
  };
  const privilege = () => ({ principalId, roleDefinitionId: userAdministrator });
  const activate = async (durationSeconds: number) => {
    await control.makeEligible(privilege());
    return control.activate({ ...privilege(), durationSeconds });
  };
  const lost = async () => {
    const event = (await control.history()).findLast(({ event }) => event === "roleRemoved");
    return Date.parse(event?.at ?? "");
  };

  it.each(["expired", "deactivated", "removed", "unknown"] as const)(
    "shows one end, with its moment and reason: %s",
    async (reason) => {
      const { scheduleId } = await activate(reason === "expired" ? 60 : 3600);
      await control.setClock({ jumpMs: 400_000 });
      if (reason === "deactivated") await control.deactivate(scheduleId);
      if (reason === "removed") await control.remove(scheduleId);
      if (reason === "unknown") await control.removeOutsidePim(privilege());
      await control.setClock({ jumpMs: 20_000 });
      const recorded = { kind: "roleEnd", reason, ...privilege(), at: await lost() };
      expect(endsIn(await fromGraph())).toEqual([expect.objectContaining(recorded)]);
      expect(endsIn(await fromStream())).toEqual([expect.objectContaining(recorded)]);
    },
  );

  it("shows one end of a group's membership and of its ownership", async () => {
    const { id: groupId } = await control.createGroup({ name: "admins" });
    for (const accessId of ["member", "owner"] as const) {
      await control.startGroupAccess({ groupId, principalId, accessId, durationSeconds: 60 });
      await control.setClock({ jumpMs: 600_000 });
    }
    const ends = ["member", "owner"].map((accessId) =>
      expect.objectContaining({ kind: "groupEnd", reason: "expired", principalId, groupId, accessId }),
    );
    expect(endsIn(await fromGraph())).toEqual(ends);
    expect(endsIn(await fromStream())).toEqual(ends);
  });

  it("shows no end in anything else that happens", async () => {
    const { scheduleId } = await activate(3600);
    await expect(control.deactivate(scheduleId)).rejects.toThrow("ActiveDurationTooShort");
    await control.extend({ scheduleId, bySeconds: 600 });
    await graph.revokeSignInSessions(principalId);
    await control.changeUser(principalId, { accountEnabled: false });
    await control.setClock({ jumpMs: 20_000 });
    const records = await fromGraph();
    expect(endsIn(records)).toEqual([]);
    expect(records.map((record) => classifyAudit(record).kind).toSorted()).toEqual([
      "activation",
      "activation",
      "notSuccessful",
      "other",
      "ownTrace",
      "ownTrace",
      "userLifecycle",
    ]);
  });

  it("reads page after page without ever being throttled", async () => {
    await control.changeSettings({ pageSize: 1 });
    await activate(60);
    await control.setClock({ jumpMs: 600_000 });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await fromGraph()).toHaveLength(5);
      await clock.sleep(3_400);
    }
    const throttled = (await control.history()).filter(({ event }) => event === "throttled");
    expect(throttled).toEqual([]);
  });

  it("corroborates an end once its rows can be read", async () => {
    const corroborate = createCorroborator(graph.readDirectoryAudits, clock);
    await activate(60);
    await control.setClock({ jumpMs: 62_000 });
    const endedAround = await lost();
    expect(await corroborate(principalId, userAdministrator, endedAround)).toBe(false);
    await clock.sleep(10_000);
    expect(await corroborate(principalId, userAdministrator, endedAround)).toBe(true);
    expect(await corroborate(principalId, tenant.tenantId, endedAround)).toBe(false);
  });

  it("is missing in some clouds, and says so", async () => {
    await control.changeSettings({ audit: { offered: false } });
    const unsupported = expect.objectContaining({ code: AUDITS_UNSUPPORTED });
    await expect(graph.readDirectoryAudits({ since: await anHourAgo() })).rejects.toEqual(unsupported);
  });

  it("distinguishes a question about too long ago from a missing log", async () => {
    const refused = expect.objectContaining({ code: "BadRequest", status: 400 });
    await expect(graph.readDirectoryAudits({ since: 0 })).rejects.toEqual(refused);
  });
});
