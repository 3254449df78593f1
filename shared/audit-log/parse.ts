import { z } from "zod";
import type { AuditProblem, AuditRecord, ParsedAudits } from "../signals/audit-record.ts";
import { parseAuditRow, placeOf } from "../signals/parse-audit-row.ts";

const fields = z.record(z.string(), z.unknown());
const envelope = z.object({ records: z.array(z.unknown()) });

/** What the stream wraps around a directory audit. `Level`, `durationMs` and the like come in several types and are not read. */
const streamRecord = z.object({
  category: z.string().nullish(),
  operationName: z.string().nullish(),
  time: z.string().nullish(),
  tenantId: z.string().nullish(),
  resourceId: z.string().nullish(),
  properties: fields,
});

export interface ParsedStream extends ParsedAudits {
  /** Records of other logs in the same event hub, e.g. sign-ins: none of our business. */
  readonly otherLogs: number;
}

/**
 * Messages that the Entra diagnostic setting `AuditLogs` sent to an event hub: each `{"records":[...]}` or a single record, as an
 * object or as JSON. A broken record is a problem and holds up no other.
 */
export function parseAuditStream(messages: readonly unknown[]): ParsedStream {
  const records: AuditRecord[] = [];
  const problems: AuditProblem[] = [];
  let otherLogs = 0;
  for (const { position, input } of messages.flatMap(unwrap)) {
    const parsed = parseStreamRecord(input);
    if (parsed === "otherLog") otherLogs += 1;
    else if ("record" in parsed) records.push(parsed.record);
    else problems.push({ position, place: parsed.place });
  }
  return { records, problems, otherLogs };
}

function unwrap(message: unknown, index: number): { position: string; input: unknown }[] {
  const input = fromJson(message);
  const position = `messages[${index}]`;
  const wrapped = envelope.safeParse(input);
  if (!wrapped.success) return [{ position, input }];
  return wrapped.data.records.map((record, at) => ({ position: `${position}.records[${at}]`, input: record }));
}

function fromJson(message: unknown): unknown {
  if (typeof message !== "string") return message;
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}

function parseStreamRecord(input: unknown): { readonly record: AuditRecord } | { readonly place: string } | "otherLog" {
  const outer = streamRecord.safeParse(input);
  if (!outer.success) return { place: placeOf(outer.error) };
  const { category, operationName, time, tenantId, resourceId, properties } = outer.data;
  if (category && category !== "AuditLogs") return "otherLog";
  const { activityDisplayName = operationName, activityDateTime = time } = properties;
  const inner = parseAuditRow({ ...properties, activityDisplayName, activityDateTime });
  if (!("record" in inner)) return { place: `properties.${inner.place}` };
  return { record: { ...inner.record, tenantId: (tenantId || tenantIn(resourceId))?.toLowerCase() ?? null } };
}

/** `/tenants/{id}/providers/Microsoft.aadiam` */
const tenantIn = (resourceId: string | null | undefined): string | undefined =>
  /^\/tenants\/([^/]+)(?:\/|$)/i.exec(resourceId ?? "")?.[1];
