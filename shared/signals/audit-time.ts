import { z } from "zod";
import { canonicalInstant, isInstant } from "../graph/instants-and-ids.ts";

/** Pipelines that reformat the stream write a space for the `T` and drop the zone. Entra's audit log is in UTC. */
const zoned = (text: string): string => (/(?:Z|[+-]\d{2}:\d{2})$/i.test(text) ? text : `${text}Z`);

/** A moment of any precision, made canonical (see `canonicalInstant`). */
export const auditTime = z.string().transform(zoned).refine(isInstant, "no date and time").transform(canonicalInstant);
