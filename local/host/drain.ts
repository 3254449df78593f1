import { setTimeout as delay } from "node:timers/promises";
import { describeError, type Log } from "./log.ts";

/** Milliseconds that running invocations get to end before the host gives them up. */
const patience = 30_000;

/**
 * Stops the host on the first Ctrl-C or SIGTERM and then exits with 0; exits at once on the second.
 * A message that is given up comes back when its hiding time is over.
 */
export function drainOnSignal(stop: () => Promise<void>, log: Log): void {
  let draining = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (draining) process.exit(130);
    draining = true;
    log("information", `${signal}: draining. Press Ctrl-C again to exit at once.`);
    const gaveUp = delay(patience, "gaveUp" as const);
    Promise.race([stop(), gaveUp])
      .then((outcome) => {
        if (outcome === "gaveUp") log("warning", `Gave up waiting for running invocations after ${patience / 1000} s.`);
      })
      .catch((error) => log("error", `Draining failed: ${describeError(error)}`))
      .finally(() => process.exit(0));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
