import type { GraphGateway } from "../../../shared/graph/create-graph.ts";
import { AUDITS_UNSUPPORTED } from "../../../shared/graph/directory-audits.ts";
import { type GraphError, GraphRetryableError, isGraphError, isLicenceMissing } from "../../../shared/graph/errors.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";
import { grantCommand } from "./token.ts";

/** The reads return data of the whole tenant, so no finding may name a person. */
const nobody = "00000000-0000-4000-8000-000000000000";

/** One read of each kind. */
const reads: readonly (readonly [what: string, read: (graph: GraphGateway, now: number) => Promise<unknown>])[] = [
  ["active role assignments", (graph) => graph.listRoleInstances()],
  ["one principal: its assignments and its user", (graph) => graph.readPrincipal(nobody)],
  ["role names", (graph) => graph.roleNames()],
  ["a user's groups", (graph) => graph.readGroupPaths(nobody, [nobody])],
  ["the directory audit log", (graph, now) => graph.readDirectoryAudits({ since: now - 60_000, until: now })],
];

/** Left out where no group is watched, since the app then never makes these reads. */
const readsOfGroups: typeof reads = [
  ["groups that can hold roles", (graph) => graph.listAssignableGroups()],
  ["PIM for Groups", readSomeAccess],
];

/** PIM for Groups cannot be read for the whole tenant, so it is read for the first group; without any group the read is left out. */
async function readSomeAccess(graph: GraphGateway): Promise<void> {
  const { value: groups } = await graph.listAssignableGroups();
  if (groups[0] !== undefined) await graph.readAccess({ groupId: groups[0] });
}

/** Makes each kind of read that the app makes, once. */
export const checkGraph: Check = async ({ graph, clock, features }) => {
  const findings: Finding[] = [];
  for (const [what, read] of features.groups ? [...reads, ...readsOfGroups] : reads) {
    try {
      await read(graph, clock.now());
      findings.push(good("graph", `can read ${what}`));
    } catch (error) {
      if (!isGraphError(error)) throw error;
      findings.push(explain(what, error, grantCommand(features)));
    }
  }
  return findings;
};

function explain(what: string, error: GraphError, grant: string): Finding {
  const found = `Cannot read ${what}: ${error.code}${error.status === undefined ? "" : `, status ${error.status}`}${error.requestId === undefined ? "" : `, request ${error.requestId}`}.`;
  if (isLicenceMissing(error.code)) {
    return {
      check: "licence",
      state: "bad",
      what: found,
      why: error.message,
      fix: "Entra admin center, Billing, Licenses",
    };
  }
  if (error instanceof GraphRetryableError && error.reason === "throttled") {
    return {
      check: "graph",
      state: "warning",
      what: found,
      why: "Graph throttles this identity: of the audit log it answers five reads in ten seconds, and the running app shares them.",
      fix: "Run this again in a minute; if it stays, look for what else uses this identity",
    };
  }
  if (error instanceof GraphRetryableError) {
    return {
      check: "graph",
      state: "bad",
      what: found,
      why: "Graph did not answer as it should.",
      fix: "Check the network's way to Microsoft Graph and Microsoft's service health, then run this again",
    };
  }
  if (error.status === 403 || error.status === 401) {
    return { check: "graph", state: "bad", what: found, why: error.message, fix: grant };
  }
  if (error.code === AUDITS_UNSUPPORTED) {
    return {
      check: "graph",
      state: "warning",
      what: found,
      why: "This cloud does not offer it, as is documented for China: ends that nobody watched are not found afterwards.",
      fix: "Nothing, if GRAPH_CLOUD is right: the other sources go on",
    };
  }
  return { check: "graph", state: "bad", what: found, why: error.message, fix: "Report it with the request id" };
}
