export const options = {
  kind: { type: "string", default: "mixed" },
  histories: { type: "string", default: "2000" },
  seed: { type: "string" },
  workers: { type: "string" },
  all: { type: "boolean", default: false },
  campaign: { type: "boolean", default: false },
  replay: { type: "string" },
  only: { type: "string", default: "" },
  help: { type: "boolean", short: "h", default: false },
} as const;

export const help = `npm run simulate -- [--kind NAME] [--histories N] [--seed S] [--workers N] [--all] [--campaign] [--only WORDS]
npm run simulate -- --replay=KIND:SEED:PATH [--only WORDS]

Plays histories that nobody has written and judges each by the promises. Exit code 0: every promise was kept; 1: one was broken, or
something that has to occur never did; 2: the arguments are not good.

  --kind NAME    histories of this kind only, see test/simulation/kinds; mixed by default
  --histories N  how many, 2000 by default
  --seed S       where they start; another one each time by default
  --workers N    how many threads play them
  --all          goes on after a failure, to find the others as well
  --campaign     plays every history and counts what they break, without making any smaller
  --replay=...   plays one history again, as a failure prints it
  --only WORDS   only the promises whose words have these in them
  --help         prints this text
`;
