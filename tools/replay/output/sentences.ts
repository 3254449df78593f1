import type { Minutes, Report } from "../report.ts";

/** Sentences that the text and the page share. */

export const count = (value: number): string => value.toLocaleString("en-US");

/** `1 end`, `2 ends` */
export const many = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** `1 end of a person`, `2 ends of people` */
export const ofPeople = (ends: number): string => `${many(ends, "end")} of ${ends === 1 ? "a person" : "people"}`;

/** `60 to 90 min`; from two hours on `9 to 13.5 h`, each rounded up */
export function span({ low, high }: Minutes): string {
  if (high < 120) return low === high ? `${count(low)} min` : `${count(low)} to ${count(high)} min`;
  const [from, to] = [hours(low), hours(high)];
  return from === to ? `${from} h` : `${from} to ${to} h`;
}

/** Tenths below a hundred hours, whole hours above. */
const hours = (minutes: number): string => {
  const exact = minutes / 60;
  return count(exact < 100 ? Math.ceil(exact * 10) / 10 : Math.ceil(exact));
};

/** ` of 2026-03-01`, with a blank before it; nothing where there is no record. */
export function period({ firstDay, lastDay, read }: Pick<Report, "firstDay" | "lastDay" | "read">): string {
  if (read.records === 0) return "";
  if (firstDay === null || lastDay === null) return " without a date";
  return firstDay === lastDay ? ` of ${firstDay}` : ` from ${firstDay} to ${lastDay}`;
}

export const TOKENS =
  "A token issued just before the end keeps the role for 60 to 90 minutes wherever a service trusts the token.";

/** Why the narrowed minutes do not hold for everyone. */
export const NARROWED =
  "Narrower where client and service take part in Continuous Access Evaluation; any other token lives its full time.";

export const SIGN_OUT =
  "Each about a second after the end; ends of one person within that second share one. The same role held permanently or " +
  "through a group would have spared some: the export does not show who holds what.";

export const sentences = (text: string): readonly string[] => text.split(/(?<=\.) /);

/** The first line about the ends. Uncertain ends must not sound like "none". */
export function endsLine({ totals, read: { counts, unreadable, records } }: Report): string {
  if (records === 0) return "There is no record in it: check the time range and the filter of the export.";
  if (totals.ends > 0) return `${many(totals.ends, "end")}, each counted once however many records report it.`;
  const unreported =
    counts.cutOffEnd + counts.planelessEnd + counts.unclearEnd + counts.unsureGroupRemoval + unreadable.reporting;
  return unreported > 0 ? "No end that is reported in full, but records of ends: see below." : "No role end in it.";
}

export function notCut({ totals: { verdicts, elevatedEnds }, exposure }: Report): readonly string[] {
  const { servicePrincipal, externalUser, groupHeldRole, ordinaryGroup, unsureGroup } = verdicts;
  return [
    ...when(servicePrincipal, "of service principals: there is no call that ends their sessions"),
    ...when(externalUser, "of users from another tenant, which owns their sessions"),
    ...when(
      elevatedEnds,
      "of Global Administrators who had elevated their access to Azure: that stays until a person removes it",
    ),
    ...when(
      groupHeldRole,
      "of roles that a group held: its members would have been signed out, but the export does not list them",
    ),
    ...when(
      ordinaryGroup,
      "of ordinary group memberships, reported by no row of PIM: they matter if the group carries a role",
      "removal",
    ),
    ...when(
      unsureGroup,
      "of group memberships that PIM may report, but the export leaves out whom or which group PIM means: an export as JSON has it",
      "removal",
    ),
    ...(exposure.ends > 0
      ? ["Access tokens of clients and services without Continuous Access Evaluation, for their remaining life"]
      : []),
  ];
}

const when = (value: number, what: string, one = "end"): readonly string[] =>
  value > 0 ? [`${many(value, one)} ${what}`] : [];
