import type { TokenCredential } from "@azure/identity";
import type { Clock } from "../../shared/base/clock.ts";
import type { GraphGateway } from "../../shared/graph/create-graph.ts";
import type { Features } from "../../shared/graph/permissions.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { Table } from "../../shared/storage/table.ts";
import type { Finding } from "./finding.ts";

/** The parts that the checks examine: the app's own, wired as in the app, under the identity that the settings name. */
export interface Patient {
  readonly settings: Settings;
  /** Whether the settings switch subscriptions off, and do not merely lack the app's address. */
  readonly subscriptionsOff: boolean;
  /** Settings of subscriptions as the deployed app has them: App Service gives it its address, which these settings may lack. */
  readonly features: Features;
  readonly credential: TokenCredential;
  readonly graph: GraphGateway;
  /** The app's table of shared state. */
  readonly state: Table;
  readonly clock: Clock;
}

/** Makes one check. Reads only. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;
