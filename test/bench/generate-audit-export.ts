import { once } from "node:events";
import { parseArgs } from "node:util";
import { given } from "../../local/setup/given.ts";

const help = `node test/bench/generate-audit-export.ts [RECORDS [ENDS]] > FILE

Writes an invented directory audit log of one month, one record per line as the diagnostic setting writes it.

  RECORDS  how many, a million by default
  ENDS     how many role ends are in every hundred records, each reported by Core Directory and by PIM; 1 by default. The rest is a tenant's day
  --help   says this
`;
const [records, endsPerHundred] = given(help, (args) => {
  const [records = "1000000", ends = "1"] = parseArgs({ args, allowPositionals: true, options: {} }).positionals;
  return [Number(records), Number(ends)] as const;
});
const start = Date.parse("2026-03-01T00:00:00Z");
const step = (30 * 86_400_000) / records;
const people = 2_000;
/** Characters that are written at once. */
const BUNDLE = 64 * 1024;
const roles = ["fe930be7-5e62-47db-91af-98c3a49a38b1", "62e90394-69f5-4237-9190-012177145e10"];
const busy = ["Update user", "Add member to group", "Update device", "Update StsRefreshTokenValidFrom Timestamp"];

const id = (kind: string, n: number) => `${n.toString(16).padStart(8, "0")}-${kind}-4abc-8def-0123456789ab`;
const quoted = JSON.stringify;

function properties(n: number): Record<string, unknown> {
  const end = Math.floor(n / 100) * endsPerHundred + Math.floor((n % 100) / 2);
  const isEnd = n % 100 < 2 * endsPerHundred;
  const person = (isEnd ? end : n * 7) % people;
  const role = roles[end % roles.length] ?? "";
  const user = { id: id("0001", person), displayName: null, type: "User", userPrincipalName: `p${person}@example.com` };
  const common = {
    id: `Directory_${id("0002", n)}_AAAAA_${n}`,
    category: isEnd ? "RoleManagement" : "UserManagement",
    correlationId: id("0003", n),
    result: "success",
    resultReason: "",
    activityDateTime: new Date(start + n * step).toISOString().replace("Z", "5678+00:00"),
    loggedByService: "Core Directory",
    initiatedBy: {
      app: { appId: null, displayName: "MS-PIM", servicePrincipalId: id("0004", 1), servicePrincipalName: null },
    },
    additionalDetails: [{ key: "User-Agent", value: "Mozilla/5.0 (X11; Linux x86_64)" }],
  };
  if (!isEnd) {
    const modifiedProperties = ["AccountEnabled", "Included Updated Properties"].map((displayName) => ({
      displayName,
      oldValue: "[false]",
      newValue: quoted("AccountEnabled, LastDirSyncTime"),
    }));
    const activityDisplayName = busy[n % busy.length];
    return { ...common, activityDisplayName, targetResources: [{ ...user, modifiedProperties }] };
  }
  if (n % 2 === 0) {
    const changed = {
      "Role.ObjectID": id("0005", 1),
      "Role.DisplayName": "User Administrator",
      "Role.TemplateId": role,
    };
    const modifiedProperties = Object.entries(changed).map(([displayName, value]) => ({
      displayName,
      oldValue: quoted(value),
      newValue: null,
    }));
    return {
      ...common,
      activityDisplayName: "Remove member from role",
      targetResources: [{ ...user, modifiedProperties }],
    };
  }
  const modifiedProperties = [{ displayName: "TemplateId", oldValue: quoted(""), newValue: quoted(role) }];
  return {
    ...common,
    loggedByService: "PIM",
    activityDisplayName: "Remove member from role (PIM activation expired)",
    targetResources: [
      { id: role, displayName: "User Administrator", type: "Role", modifiedProperties },
      { id: id("0006", n), type: "Request", modifiedProperties: [] },
      { ...user, modifiedProperties: [] },
      { id: id("0007", 1), displayName: "Example", type: "Directory", modifiedProperties: [] },
      { id: null, type: "Other", modifiedProperties: [] },
    ],
    additionalDetails: [
      { key: "TemplateId", value: role },
      { key: "RoleAssignmentRequestId", value: id("0006", n) },
    ],
  };
}

let bundle = "";
for (let n = 0; n < records; n += 1) {
  const inner = properties(n);
  const outer = {
    time: inner.activityDateTime,
    resourceId: `/tenants/${id("0007", 1)}/providers/Microsoft.aadiam`,
    operationName: inner.activityDisplayName,
    operationVersion: "1.0",
    category: "AuditLogs",
    tenantId: id("0007", 1),
    resultSignature: "None",
    durationMs: 0,
    callerIpAddress: "192.0.2.1",
    correlationId: inner.correlationId,
    identity: "MS-PIM",
    Level: 4,
    properties: inner,
  };
  bundle += `${JSON.stringify(outer)}\n`;
  if (bundle.length < BUNDLE && n + 1 < records) continue;
  if (!process.stdout.write(bundle)) await once(process.stdout, "drain");
  bundle = "";
}
