import { AzureCliCredential } from "@azure/identity";
import { type Clock, systemClock } from "../../shared/base/clock.ts";
import { createCredential } from "../../shared/base/credential.ts";
import { deriveKeys } from "../../shared/base/keys.ts";
import { createGraph } from "../../shared/graph/create-graph.ts";
import { featuresOf, neededPermissions } from "../../shared/graph/permissions.ts";
import { readSettings } from "../../shared/settings/read.ts";
import type { RawSettings } from "../../shared/settings/settings.ts";
import { connectStorage } from "../../shared/storage/connect.ts";
import { tableNames } from "../../shared/storage/queue.ts";
import { createSealedTable } from "../../shared/storage/sealed-table.ts";
import { sendCanary } from "./canary.ts";
import { checkAuditStream } from "./checks/audit-stream.ts";
import { checkChannels, sendTests } from "./checks/channels.ts";
import { checkClock } from "./checks/clock.ts";
import { checkEndpoint } from "./checks/endpoint.ts";
import { checkGraph } from "./checks/graph.ts";
import { checkScope } from "./checks/scope.ts";
import { badSettings, judgeSettings } from "./checks/settings.ts";
import { checkStorage } from "./checks/storage.ts";
import { checkSubscriptions } from "./checks/subscriptions.ts";
import { checkToken, grantCommand } from "./checks/token.ts";
import type { Finding } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";
import { prove } from "./prove.ts";

const checks: readonly Check[] = [
  checkToken,
  checkGraph,
  checkClock,
  checkStorage,
  checkEndpoint,
  checkSubscriptions,
  checkAuditStream,
  checkScope,
  checkChannels,
];

interface Examination {
  readonly clock?: Clock;
  /** Whether each channel gets one test message. */
  readonly sendTest?: boolean;
  /** Object id of a test user whose sessions may end to prove that they can; without it nothing is written. */
  readonly testUser?: string | null;
  /** A watched test group, and a test user who is to join and leave it, to prove the way of a notification; without it nothing is changed. */
  readonly canary?: { readonly groupId: string; readonly userId: string } | null;
}

/** Looks at everything that can be looked at with these settings, in the order in which things depend on each other. */
export async function examine(
  raw: RawSettings,
  { clock = systemClock, testUser = null, canary = null, sendTest = false }: Examination = {},
): Promise<readonly Finding[]> {
  const reading = readSettings(raw);
  if (!reading.ok) return badSettings(reading.problems);
  const patient = admit(raw, reading.settings, clock);
  const findings = [...judgeSettings(reading.settings)];
  for (const check of checks) findings.push(...(await check(patient)));
  if (sendTest) findings.push(...(await sendTests(patient)));
  if (testUser !== null) {
    const grant = grantCommand({ ...patient.features, revoking: true });
    findings.push(...(await prove({ graph: patient.graph, clock, userId: testUser, grant })));
  }
  if (canary !== null) {
    // On this machine the simulated tenant has no administrators who could sign in: there the app's identity may be given the right.
    const isSimulated = raw.GRAPH_ENDPOINT !== undefined;
    const credential = isSimulated ? patient.credential : new AzureCliCredential();
    findings.push(...(await sendCanary({ ...patient, ...canary, credential })));
  }
  return findings;
}

function admit(raw: RawSettings, settings: Patient["settings"], clock: Patient["clock"]): Patient {
  const credential = createCredential(settings.credential);
  const { baseUrl, scope } = settings.graph;
  const storage = connectStorage(settings.storage, (clientId) =>
    createCredential({ kind: "managedIdentity", clientId }),
  );
  const subscriptionsOff = raw.GRAPH_SUBSCRIPTIONS === "off";
  const features = { ...featuresOf(settings), subscriptions: !subscriptionsOff };
  const needed = neededPermissions(features);
  return {
    settings,
    subscriptionsOff,
    features,
    credential,
    graph: createGraph({ baseUrl, scope, credential, fetch: globalThis.fetch, clock, random: Math.random, needed }),
    state: createSealedTable(storage.table(tableNames.state), {
      name: "state",
      keys: deriveKeys(settings.secrets, "seal"),
      clock,
      // The running app raises it.
      onForged: () => undefined,
    }),
    clock,
  };
}
