import type fc from "fast-check";
import type { History, HoldingScript } from "../history.ts";
import { between } from "../world/random.ts";
import { changed } from "./pressed.ts";

/**
 * The app reads on in the audit log, and every third role comes and goes within half a minute, which a resync of a minute may never see. Orders and
 * thresholds would only hide what becomes of it.
 */
export const recorded = changed(
  (history, random): History => ({
    ...history,
    readsAuditLog: true,
    orders: [],
    policy: { ...history.policy, thresholds: null },
    principals: history.principals.map((principal) => ({
      ...principal,
      holdings: principal.holdings.map((holding, index) =>
        index % 3 === 1 ? brief(holding, between(random, 1000, 30_000)) : holding,
      ),
    })),
  }),
);

const brief = (holding: HoldingScript, after: number): HoldingScript => ({
  ...holding,
  kind: "activated",
  extension: null,
  end: { how: "deactivated", after },
  removal: { list: holding.removal.list % 1000, directory: holding.removal.directory % 1000 },
});

const scopedAs =
  (scoped: boolean) =>
  (of: fc.Arbitrary<History>): fc.Arbitrary<History> =>
    of.map((history) => ({
      ...history,
      principals: history.principals.map((principal) => ({
        ...principal,
        holdings: principal.holdings.map((holding) => ({ ...holding, scoped })),
      })),
    }));

/** Of the whole directory only: a row of the audit log names no scope. */
export const unscoped = scopedAs(false);

/** Of one administrative unit only: what ends there beside another source is no loss. */
export const inOneUnit = scopedAs(true);
