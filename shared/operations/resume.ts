import { readHeads } from "../assignments/resync.ts";
import { toMessage } from "../assignments/signal.ts";
import type { OperationDependencies } from "./operate.ts";
import { sideBySide } from "./side-by-side.ts";

/** Lifts the emergency stop and sends a signal for everybody who has waited. Returns their number. */
export async function resume(dependencies: OperationDependencies): Promise<number> {
  await dependencies.control.stop(false);
  const heads = await readHeads(dependencies);
  const waiting = [...heads].filter(([, head]) => typeof head?.openSince === "number").map(([id]) => id);
  await sideBySide(waiting, (principalId) =>
    dependencies.signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0),
  );
  return waiting.length;
}
