import type { AuditRow } from "../audit/audit-row.ts";
import { badRequest } from "./graph-error.ts";

type Test = (row: AuditRow) => boolean;

interface Clause {
  readonly pattern: RegExp;
  /** What the pattern's groups say; undefined when the property may not be used so. */
  toTest(groups: readonly string[], earliest: number): Test | undefined;
}

const text = "'((?:[^']|'')*)'";
const end = "\\s*(?:$|and\\s+(?=\\S))";

/** Documented for `eq` (Graph docs: directoryaudit-list). Neither `category` nor `result` is among them. */
const properties = new Map<string, (row: AuditRow) => string | null | undefined>([
  ["activityDisplayName", (row) => row.activityDisplayName],
  ["loggedByService", (row) => row.loggedByService],
  ["correlationId", (row) => row.correlationId],
  ["id", (row) => row.id],
  ["initiatedBy/user/id", (row) => row.initiatedBy.user?.id],
  ["initiatedBy/user/displayName", (row) => row.initiatedBy.user?.displayName],
  ["initiatedBy/user/userPrincipalName", (row) => row.initiatedBy.user?.userPrincipalName],
  ["initiatedBy/app/appId", (row) => row.initiatedBy.app?.appId],
  ["initiatedBy/app/displayName", (row) => row.initiatedBy.app?.displayName],
]);

const clauses: readonly Clause[] = [
  {
    pattern: new RegExp(
      `^activityDateTime\\s+(eq|ge|le)\\s+(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,7})?Z)${end}`,
      "i",
    ),
    toTest([operator = "", limit = ""], earliest) {
      if (Date.parse(limit) < earliest) {
        throw badRequest(`Minimum allowed time for activityDateTime is ${new Date(earliest).toISOString()}`);
      }
      const compare = (row: AuditRow) => ticks(row.activityDateTime).localeCompare(ticks(limit));
      return {
        eq: (row: AuditRow) => compare(row) === 0,
        ge: (row: AuditRow) => compare(row) >= 0,
        le: (row: AuditRow) => compare(row) <= 0,
      }[operator.toLowerCase()];
    },
  },
  {
    pattern: new RegExp(`^([\\w/]+)\\s+eq\\s+${text}${end}`, "i"),
    toTest([name = "", value = ""]) {
      const property = properties.get(name);
      return property && ((row) => same(property(row), value));
    },
  },
  {
    pattern: new RegExp(`^startswith\\(\\s*activityDisplayName\\s*,\\s*${text}\\s*\\)${end}`, "i"),
    toTest:
      ([value = ""]) =>
      (row) =>
        row.activityDisplayName.toLowerCase().startsWith(value.toLowerCase()),
  },
  {
    pattern: new RegExp(
      `^targetResources/any\\(\\s*(\\w+)\\s*:\\s*\\1/(id|displayName)\\s+eq\\s+${text}\\s*\\)${end}`,
      "i",
    ),
    toTest:
      ([, name = "", value = ""]) =>
      ({ targetResources }) =>
        targetResources.some(({ id, displayName }) => same(name.toLowerCase() === "id" ? id : displayName, value)),
  },
];

/** Parses `$filter` of `directoryAudits`: documented clauses joined by `and`. @param earliest the oldest moment that is kept */
export function parseAuditFilter(filter: string | null, earliest: number): Test {
  const tests: Test[] = [];
  for (let rest = (filter ?? "").trim(); rest !== ""; ) {
    const [test, length] = parseClause(rest, earliest);
    tests.push(test);
    rest = rest.slice(length);
  }
  return (row) => tests.every((test) => test(row));
}

function parseClause(rest: string, earliest: number): [Test, number] {
  for (const { pattern, toTest } of clauses) {
    const [whole, ...groups] = pattern.exec(rest) ?? [];
    if (whole === undefined) continue;
    const test = toTest(
      groups.map((group) => group.replaceAll("''", "'")),
      earliest,
    );
    if (test) return [test, whole.length];
  }
  throw badRequest("Invalid filter clause");
}

/** Seven digits of the second's fraction, so that texts compare as moments do. */
const ticks = (time: string) => time.slice(0, 19) + time.slice(20, -1).padEnd(7, "0");
const same = (actual: string | null | undefined, wanted: string) => actual?.toLowerCase() === wanted.toLowerCase();
