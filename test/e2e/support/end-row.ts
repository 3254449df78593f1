/** What pim-cutoff does about the sessions of the one who loses something. */
const answers = {
  cut: "cut",
  cutOnce: "cut once, with the last of them",
  cutOnceOnly: "cut, once",
  cutPerEnd: "cut, once for each end",
  cutEachMember: "cut, each member once",
  notLost: "not cut: nothing is lost",
  notEnforceable: "**not cut**, recorded as `notEnforceable`",
  gone: "nothing is left to cut, recorded as `principalGone`",
} as const;

const byName: ReadonlyMap<string, string> = new Map(Object.entries(answers));

/** @throws when there is no such answer */
export function answerNamed(name: string): string {
  const answer = byName.get(name);
  if (answer === undefined) throw new Error(`There is no answer "${name}", but ${[...byName.keys()].join(", ")}.`);
  return answer;
}

/**
 * Title of a test that shows what becomes of the sessions when something ends. It is a row of the table in `docs/what-it-cuts.md` as well, which `npm run table:ends`
 * makes of the tests that passed: so the table says what was seen, and nothing else.
 */
export const endRow = (end: string, answer: keyof typeof answers): string => `${end} | ${answers[answer]}`;
