/** Object ids that resemble Entra's and show a reader whom they mean: the last digits are the number. */
const id = (kind: string, number: number): string => {
  const known = ids.get(kind + number);
  if (known !== undefined) return known;
  const made = `${kind}0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  ids.set(kind + number, made);
  return made;
};
const ids = new Map<string, string>();

export const principalId = (index: number): string => id("a", index);
export const groupId = (index: number): string => id("b", index);
export const roleId = (role: number): string => id("c", role);
export const scopeOf = (scoped: boolean): string => (scoped ? `/administrativeUnits/${id("d", 1)}` : "/");
export const scheduleId = (principal: number, holding: number, key: number): string =>
  id("e", principal * 10_000 + holding * 10 + key);

/** `2026-03-02T08:10:47.01Z`: no trailing zeros, as Graph writes times. */
export const instant = (time: number): string => new Date(time).toISOString().replace(/\.?0+Z$/, "Z");
