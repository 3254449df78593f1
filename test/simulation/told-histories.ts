import type fc from "fast-check";
import { histories } from "./histories.ts";
import type { History, HoldingScript } from "./history.ts";

/**
 * The same histories with an app that reads on in the audit log: of users' own roles in the whole directory, since a row tells neither scope nor
 * assignment. Every third role comes and goes within half a minute, which a resync of a minute may never see.
 */
export const toldHistories: fc.Arbitrary<History> = histories.map(
  ({ principals, policy, ...history }): History => ({
    ...history,
    readsAuditLog: true,
    groups: [],
    orders: [],
    policy: { ...policy, thresholds: null, watchGroups: false },
    principals: principals.map((principal) => ({
      ...principal,
      holdings: principal.holdings.map((holding, index) =>
        index % 3 === 1 ? brief({ ...holding, scoped: false }) : { ...holding, scoped: false },
      ),
    })),
  }),
);

const brief = (holding: HoldingScript): HoldingScript => ({
  ...holding,
  kind: "activated",
  extension: null,
  end: { how: "deactivated", after: 1000 + (holding.plannedFor % 29_000) },
  removal: { list: holding.removal.list % 1000, directory: holding.removal.directory % 1000 },
});
