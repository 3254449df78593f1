import type { FaultWindow, GroupScript, HoldingScript, MemberScript, PrincipalScript } from "./history.ts";

const minute = 60_000;
const hour = 60 * minute;

/** Which end something happens around, and how long after it, milliseconds. The indices count modulo how many there are. */
export interface EndChoice {
  readonly principal: number;
  readonly holding: number;
  readonly offset: number;
}

/** When the assignment ends by its script, milliseconds since the history's start. */
export const scriptedEnd = ({ end, from, plannedFor, extension }: HoldingScript): number =>
  end.how === "expires" ? from + plannedFor + (extension?.by ?? 0) : from + end.after;

/**
 * The faults, the first of which begin around an end each: a call takes tens of milliseconds, and what goes wrong at any time of an hour hardly
 * ever meets it.
 */
export function faultsAroundEnds(
  faults: readonly FaultWindow[],
  principals: readonly PrincipalScript[],
  choices: readonly EndChoice[],
): FaultWindow[] {
  return faults.map((fault, index) => {
    const choice = choices[index];
    if (choice === undefined) return fault;
    const holdings = principals[choice.principal % principals.length]?.holdings ?? [];
    const holding = holdings[choice.holding % holdings.length];
    if (holding === undefined) return fault;
    const from = scriptedEnd(holding) + choice.offset;
    return from < 0 || from > 50 * minute ? fault : { ...fault, from };
  });
}

/** Somebody who leaves, or joins, at the very moment at which the group loses its role. */
export function membersAroundTheEnd({ role, members, within }: GroupScript, offsets: readonly number[]): GroupScript {
  if (role === null) return { role, members, within };
  const ends = role.end.how === "expires" ? role.from + role.plannedFor : role.from + role.end.after;
  const moved = members.map((stay, index): MemberScript => {
    const offset = offsets[index];
    if (offset === undefined) return stay;
    const early = Math.min(stay.from, ends - 10 * minute);
    return index % 2 === 0
      ? { ...stay, from: early, plannedFor: 40 * hour, end: { how: "leaves", after: ends + offset - early } }
      : { ...stay, from: ends + offset };
  });
  return { role, members: moved, within };
}
