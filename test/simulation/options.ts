/** `npm run simulate -- [--kind NAME] [--histories N] [--seed S] [--workers N] [--all] [--campaign] [--replay=KIND:SEED:PATH] [--only WORDS]` */
export const options = {
  kind: { type: "string", default: "mixed" },
  histories: { type: "string", default: "2000" },
  seed: { type: "string" },
  workers: { type: "string" },
  all: { type: "boolean", default: false },
  campaign: { type: "boolean", default: false },
  replay: { type: "string" },
  only: { type: "string", default: "" },
} as const;
