import type { TokenCredential } from "@azure/identity";
import type { Clock } from "../../shared/base/clock.ts";
import type { GraphGateway } from "../../shared/graph/create-graph.ts";
import type { Features } from "../../shared/graph/permissions.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { Table } from "../../shared/storage/table.ts";
import type { Finding } from "./finding.ts";

/** What the checks look at: the app's own parts, wired as the app wires them, under the identity that the settings name. */
export interface Patient {
  readonly settings: Settings;
  /** Whether the settings say that Graph is to notify of nothing, rather than not say where. */
  readonly subscriptionsOff: boolean;
  /** What the deployed app does, whose address App Service knows and these settings need not. */
  readonly features: Features;
  readonly credential: TokenCredential;
  readonly graph: GraphGateway;
  /** The app's table of shared state. */
  readonly state: Table;
  readonly clock: Clock;
}

/** Looks at one thing. Reads only. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;
