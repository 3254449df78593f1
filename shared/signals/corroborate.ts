import { classifyAudit, type PrivilegeEnd } from "../audit-log/classify.ts";
import type { Clock } from "../base/clock.ts";
import { AUDITS_UNSUPPORTED, type AuditQuery, type AuditRow } from "../graph/directory-audits.ts";
import type { Dated } from "../graph/graph.ts";
import { GraphPermanentError } from "../graph/graph-errors.ts";
import { parseAuditRows } from "./parse-audit-row.ts";

/** Milliseconds on either side of the end in question. */
const AROUND = 600_000;
/** Milliseconds. Several ends of one principal are judged by one reading: the quota of reports is small. */
const FRESH_FOR = 10_000;

export type ReadAudits = (query: AuditQuery) => Promise<Dated<readonly AuditRow[]>>;

/**
 * Whether Graph's own audit log shows that this principal lost this role, or this group, within ten minutes of `endedAround`.
 * False is not final while rows may still arrive, which takes minutes; it is where the cloud has no such log.
 * @param privilegeId lower-case role definition id, or group id of a membership or ownership
 * @param endedAround Graph's time, epoch milliseconds
 * @throws what `readAudits` throws, except that the log is unsupported
 */
export type Corroborate = (principalId: string, privilegeId: string, endedAround: number) => Promise<boolean>;

interface Reading {
  readonly endedAround: number;
  readonly at: number;
  readonly ends: Promise<readonly PrivilegeEnd[]>;
}

export function createCorroborator(readAudits: ReadAudits, clock: Clock): Corroborate {
  const readings = new Map<string, Reading>();

  const forget = () => {
    for (const [id, { at }] of readings) if (clock.monotonic() - at >= FRESH_FOR) readings.delete(id);
  };
  const read = (principalId: string, endedAround: number): Reading => {
    const ends = readEnds(readAudits, principalId, endedAround);
    const reading = { endedAround, at: clock.monotonic(), ends };
    readings.set(principalId, reading);
    // Whoever waits for it is told; the next one reads afresh.
    ends.catch(() => readings.get(principalId) === reading && readings.delete(principalId));
    return reading;
  };

  return async (principalId, privilegeId, endedAround) => {
    forget();
    const known = readings.get(principalId);
    const reading = known?.endedAround === endedAround ? known : read(principalId, endedAround);
    return (await reading.ends).some(
      (end) =>
        end.principalId === principalId &&
        (end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId) === privilegeId &&
        Math.abs(end.at - endedAround) <= AROUND,
    );
  };
}

async function readEnds(readAudits: ReadAudits, targetId: string, around: number): Promise<readonly PrivilegeEnd[]> {
  try {
    const { value } = await readAudits({ since: around - AROUND, until: around + AROUND, targetId });
    const { records } = parseAuditRows(value);
    return records.map(classifyAudit).filter((verdict) => verdict.kind === "roleEnd" || verdict.kind === "groupEnd");
  } catch (error) {
    if (error instanceof GraphPermanentError && error.code === AUDITS_UNSUPPORTED) return [];
    throw error;
  }
}
