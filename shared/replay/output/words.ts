import type { Minutes, Report } from "../report.ts";

/** What the text and the page say alike. */

export const count = (value: number): string => value.toLocaleString("en-US");

/** `1 end`, `2 ends` */
export const many = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** `60 to 90 min`; from a hundred hours on `120 to 180 h` */
export function span({ low, high }: Minutes): string {
  if (high < 6000) return low === high ? `${count(low)} min` : `${count(low)} to ${count(high)} min`;
  const [from, to] = [Math.ceil(low / 60), Math.ceil(high / 60)];
  return from === to ? `${count(from)} h` : `${count(from)} to ${count(to)} h`;
}

export function period({ firstDay, lastDay }: Report): string {
  if (firstDay === null || lastDay === null) return "without a date";
  return firstDay === lastDay ? `of ${firstDay}` : `from ${firstDay} to ${lastDay}`;
}

export const TOKENS =
  "A token issued just before the end keeps the role for 60 to 90 minutes wherever a service trusts the token.";

/** Why the narrowed minutes are not the truth for everyone. */
export const NARROWED =
  "Narrower where client and service take part in Continuous Access Evaluation; any other token lives its full time.";

export const SIGN_OUT =
  "Each about a second after the end; ends of one person within that second share one. The same role held permanently or " +
  "through a group would have spared some: the export does not show who holds what.";

export const sentences = (text: string): readonly string[] => text.split(/(?<=\.) /);

/** The records that are no end of their own. */
export const otherRecords = ({ read, totals: { unclear } }: Report): readonly string[] => [
  ...when(read.otherActivities, "of activities that say nothing about an end", "record"),
  ...when(read.otherLogs, "of other logs", "record"),
  ...when(read.unreadable.count, "that could not be read", "record"),
  ...when(
    unclear,
    "of an end without exactly one holder and one privilege: counts only if another tells of it",
    "record",
  ),
];

export function notCut({ totals: { verdicts }, exposure }: Report): readonly string[] {
  const { servicePrincipal, externalUser, groupHeldRole, ordinaryGroup } = verdicts;
  return [
    ...when(servicePrincipal, "of service principals: there is no call that ends their sessions"),
    ...when(externalUser, "of users from another tenant, which owns their sessions"),
    ...when(
      groupHeldRole,
      "of roles that a group held: its members would have been signed out, but the export does not list them",
    ),
    ...when(
      ordinaryGroup,
      "of ordinary group memberships, told by no row of PIM: they matter if the group carries a role",
      "removal",
    ),
    ...(exposure.ends > 0
      ? ["Access tokens of clients and services without Continuous Access Evaluation, for their remaining life"]
      : []),
  ];
}

const when = (value: number, what: string, one = "end"): readonly string[] =>
  value > 0 ? [`${many(value, one)} ${what}`] : [];
