import { z } from "zod";
import { isGuid, lowerCaseIfGuid } from "../graph/instants-and-ids.ts";
import { type AuditProblem, type AuditRecord, auditTime, decodeValue, type ParsedAudits } from "./record.ts";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const value = z.unknown().optional().transform(decodeValue);
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const property = z
  .object({ displayName: text, oldValue: value, newValue: value })
  .transform(({ displayName, oldValue, newValue }) => ({ name: displayName, oldValue, newValue }));

const target = z
  .object({
    id: text.transform((id) => (id === "" ? null : lowerCaseIfGuid(id))),
    // The samples in Graph docs (directoryaudit-list) have either spelling.
    type: z.string().nullish(),
    Type: z.string().nullish(),
    modifiedProperties: list(property),
  })
  .transform(({ id, type, Type, modifiedProperties }) => ({
    id,
    type: (type ?? Type ?? "").toLowerCase(),
    properties: modifiedProperties,
  }));

const initiator = z.object({ user: z.object({ id: z.string().transform(lowerCaseIfGuid) }) });
/** Any other value counts as no initiator. */
const initiatorId = z
  .unknown()
  .optional()
  .transform((raw) => initiator.safeParse(decodeValue(raw)).data?.user.id ?? null);

/** A lenient schema: only the fields that every classification needs are required. */
const row = z
  .object({
    id: z.string().min(1),
    activityDisplayName: z.string().min(1),
    activityDateTime: auditTime,
    result: text,
    loggedByService: text,
    category: text,
    initiatedBy: initiatorId,
    targetResources: list(target),
    additionalDetails: list(z.object({ key: text, value })),
  })
  .transform(
    (fields): AuditRecord => ({
      id: fields.id,
      tenantId: null,
      activity: fields.activityDisplayName,
      occurredAt: fields.activityDateTime,
      result: fields.result.toLowerCase(),
      service: fields.loggedByService,
      category: fields.category,
      initiatorId: fields.initiatedBy !== null && isGuid(fields.initiatedBy) ? fields.initiatedBy : null,
      targets: fields.targetResources,
      details: fields.additionalDetails,
    }),
  );

/** Parses one Graph `directoryAudit`; `place`: the path to the first invalid field. Pure. */
export function parseAuditRow(input: unknown): { readonly record: AuditRecord } | { readonly place: string } {
  const parsed = row.safeParse(input);
  return parsed.success ? { record: parsed.data } : { place: placeOf(parsed.error) };
}

/** Parses rows of `auditLogs/directoryAudits`. A row that cannot be read becomes a problem; the others are still read. Pure. */
export function parseAuditRows(rows: readonly unknown[]): ParsedAudits {
  const records: AuditRecord[] = [];
  const problems: AuditProblem[] = [];
  for (const [index, input] of rows.entries()) {
    const parsed = parseAuditRow(input);
    if ("record" in parsed) records.push(parsed.record);
    else problems.push({ position: `rows[${index}]`, place: parsed.place });
  }
  return { records, problems };
}

/** The path to the first invalid field; `record` when the whole is invalid. */
const placeOf = (error: z.ZodError): string => error.issues[0]?.path.map(String).join(".") || "record";

const fields = z.record(z.string(), z.unknown());
const envelope = z.object({ records: z.array(z.unknown()) });

/** The stream's envelope of a directory audit. `Level`, `durationMs` and the like come in several types and are not read. */
const streamRecord = z.object({
  category: z.string().nullish(),
  operationName: z.string().nullish(),
  time: z.string().nullish(),
  tenantId: z.string().nullish(),
  resourceId: z.string().nullish(),
  properties: fields,
});

interface ParsedStream extends ParsedAudits {
  /** Number of records from other logs in the same event hub, e.g. sign-ins, which the app does not read. */
  readonly otherLogs: number;
}

/**
 * Messages that the Entra diagnostic setting `AuditLogs` sent to an event hub: each `{"records":[...]}` or a single record, as an
 * object or as JSON. A record that cannot be read becomes a problem; the others are still read. Pure.
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
