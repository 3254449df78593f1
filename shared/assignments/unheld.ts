import { isSuccessor } from "../revocation/held.ts";
import type { Obligation, RoleObligation } from "../revocation/obligation.ts";
import { covers } from "./privilege.ts";
import type { Watch } from "./watch.ts";

/**
 * Of the privileges that are being lost those that no other watch has held since before. A new activation saves nothing: whether a group held
 * the role throughout is still to be asked. Pure.
 */
export function findUnheld(
  losing: readonly RoleObligation[],
  staying: readonly Watch[],
  obligations: Iterable<Obligation>,
): readonly RoleObligation[] {
  const known = [...obligations];
  const holds = (watch: Watch, lost: RoleObligation) =>
    covers(watch, lost) && !(watch.source === "schedule" && isSuccessor(watch, lost, known));
  return losing.filter((lost) => !staying.some((watch) => holds(watch, lost)));
}
