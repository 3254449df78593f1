/** Resource units (Graph docs: throttling-limits) of one look at a group: its members by pages of 999, owners, PIM's list and its own roles. */
const unitsPerPage = 4;
const unitsBeside = 5;
const pageSize = 999;

/** The smallest tenants may spend 3,500 units in 10 s; this is the part of it that watching members may take. */
export const readShare = 0.05;
export const unitsPerSecond = (readShare * 3500) / 10;

/** As often as the whole list is read by default. */
const atMostEvery = 10_000;

/** Milliseconds between two reads of a group's members: each of the watched groups gets the same part of the budget. */
export function readEvery(members: number, groups: number, budgetPerSecond: number): number {
  const units = unitsBeside + unitsPerPage * Math.max(1, Math.ceil(members / pageSize));
  return Math.max(atMostEvery, (1000 * units * Math.max(1, groups)) / budgetPerSecond);
}
