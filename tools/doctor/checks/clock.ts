import { isGraphError } from "../../../shared/graph/errors.ts";
import { good } from "../finding.ts";
import type { Check } from "../patient.ts";

/** Milliseconds. Tokens are refused when clocks differ by more than a few minutes; the app itself uses Graph's `Date` and is not affected. */
const tolerable = 60_000;

/** Compares this machine's clock with Graph's `Date`, which is in whole seconds. */
export const checkClock: Check = async ({ graph, clock }) => {
  try {
    const { date } = await graph.listAssignableGroups();
    const skew = clock.now() - date;
    if (Math.abs(skew) <= tolerable) return [good("clock", "within a minute of Microsoft Graph's")];
    return [
      {
        check: "clock",
        state: "warning",
        what: `This machine's clock is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? "ahead of" : "behind"} Microsoft Graph's.`,
        why: "The app goes by Graph's time and does not mind. Tokens do: some minutes are too many.",
        fix: "Synchronise it: timedatectl set-ntp true",
      },
    ];
  } catch (error) {
    if (!isGraphError(error)) throw error;
    return [{ check: "clock", state: "unknown", what: "Microsoft Graph's time could not be read." }];
  }
};
