import { plain } from "../plain.ts";
import type { Exposure } from "./watch-exposure.ts";

/** One line per client and resource: until when the token was accepted, and what stopped it. */
export const reportExposure = (exposures: readonly Exposure[]): string =>
  exposures
    .map(({ client, target, lastSuccess, firstRefusal, livedOut }) => {
      const last = lastSuccess === null ? "never got through" : `got through until ${iso(lastSuccess)}`;
      const end = livedOut ? "and lived out its time" : spellRefusal(firstRefusal);
      return plain(`${client}, ${target}: ${last}, ${end}.`);
    })
    .join("\n");

function spellRefusal(refusal: Exposure["firstRefusal"]): string {
  if (refusal === null) return "and was not refused while this ran";
  const { at, status, code, requestId } = refusal;
  return `refused at ${iso(at)} with ${status} ${code}${requestId === null ? "" : ` (request ${requestId})`}`;
}

const iso = (time: number): string => new Date(time).toISOString();
