/** `npm run simulate -- [--histories N] [--seed S] [--workers N] [--all] [--replay=SEED:PATH] [--only WORDS]` */
export const options = {
  histories: { type: "string", default: "2000" },
  seed: { type: "string" },
  workers: { type: "string" },
  all: { type: "boolean", default: false },
  replay: { type: "string" },
  only: { type: "string", default: "" },
} as const;
