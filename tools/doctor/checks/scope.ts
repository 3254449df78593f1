import { resolveRoles } from "../../../shared/enforcement/policy.ts";
import type { GraphGateway } from "../../../shared/graph/create-graph.ts";
import { isGraphError } from "../../../shared/graph/errors.ts";
import { silentTelemetry } from "../../../shared/telemetry/telemetry.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";

/** Compares the users, groups and roles that the settings name with the tenant: a mistyped id protects nobody. */
export const checkScope: Check = async ({ graph, settings }) => {
  const { policy, enforcedRoles, watchedGroups } = settings;
  try {
    const roles =
      enforcedRoles === "all" ? [] : (await resolveRoles(enforcedRoles, graph.roleNames, silentTelemetry)).problems;
    const findings = [
      ...(await missingPeople(graph, "EXCLUDED_PRINCIPALS", policy.excluded)),
      ...(policy.included === "all" ? [] : await missingPeople(graph, "INCLUDED_PRINCIPALS", policy.included)),
      ...roles.map(
        (problem): Finding => ({
          check: "scope",
          state: "bad",
          what: problem,
          why: "Ends that it may mean are held, not cut.",
          fix: "az rest --url 'https://graph.microsoft.com/v1.0/roleManagement/directory/roleDefinitions?$select=displayName,templateId'",
        }),
      ),
      ...(typeof watchedGroups === "string" ? [] : await missingGroups(graph, watchedGroups)),
    ];
    return findings.length > 0 ? findings : [good("scope", "everybody and everything that the settings name is there")];
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return [
      { check: "scope", state: "unknown", what: `What the settings name could not be looked up: ${error.code}.` },
    ];
  }
};

async function missingPeople(graph: GraphGateway, setting: string, ids: ReadonlySet<string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const id of ids) {
    if ((await graph.readPrincipal(id)).value.user !== null || (await graph.readGroup(id)).value !== null) continue;
    findings.push({
      check: "scope",
      state: "bad",
      what: `${setting} names ${id}, which is no user and no group of this tenant.`,
      why:
        setting === "EXCLUDED_PRINCIPALS"
          ? "The intended principal is not protected."
          : "The intended principal is not cut.",
      fix: `az rest --url https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
    });
  }
  return findings;
}

async function missingGroups(graph: GraphGateway, ids: ReadonlySet<string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const id of ids) {
    if ((await graph.readGroup(id)).value !== null) continue;
    findings.push({
      check: "scope",
      state: "bad",
      what: `WATCHED_GROUPS names ${id}, which is no group of this tenant.`,
      why: "Members who leave the intended group are not cut.",
      fix: `az ad group show --group ${id}`,
    });
  }
  return findings;
}
