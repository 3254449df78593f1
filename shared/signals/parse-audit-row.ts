import { z } from "zod";
import { isGuid, lowerCaseIfGuid } from "../graph/guid.ts";
import type { AuditProblem, AuditRecord, ParsedAudits } from "./audit-record.ts";
import { auditTime } from "./audit-time.ts";
import { decodeValue } from "./decode-value.ts";

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
    // Graph docs: directoryaudit-list has samples with either.
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
/** Whatever else stands there is nobody. */
const initiatorId = z
  .unknown()
  .optional()
  .transform((raw) => initiator.safeParse(decodeValue(raw)).data?.user.id ?? null);

/** Read leniently: only what every verdict rests on must be there. */
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

/** One Graph `directoryAudit`, or the place in it that is not one. */
export function parseAuditRow(input: unknown): { readonly record: AuditRecord } | { readonly place: string } {
  const parsed = row.safeParse(input);
  return parsed.success ? { record: parsed.data } : { place: placeOf(parsed.error) };
}

/** Rows of `auditLogs/directoryAudits`. A broken one is a problem and holds up no other. */
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

/** The path to the first thing that is wrong; `record` for the whole. */
export const placeOf = (error: z.ZodError): string => error.issues[0]?.path.map(String).join(".") || "record";
