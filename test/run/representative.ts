export interface Representative {
  readonly file: string;
  /** Of a test in it, or the beginning of it; nothing in it means anything else in a pattern. */
  readonly title: string;
}

/** The end-to-end tests that stand for the rest in `npm test`, one for each way in which an end is learned of and each promise about it. */
export const representative: readonly Representative[] = [
  { file: "test/e2e/role-ends.test.ts", title: "An activated role expires" },
  { file: "test/e2e/role-ends.test.ts", title: "A user deactivates a role" },
  { file: "test/e2e/groups.test.ts", title: "The role of a group expires" },
  { file: "test/e2e/notifications.test.ts", title: "Graph notifies the app three times and out of order" },
  { file: "test/e2e/audit-log.test.ts", title: "cuts ends by the stream alone" },
  { file: "test/e2e/kill-host.test.ts", title: "with the revoke on its way, after Graph applied it" },
  { file: "test/e2e/emergency-stop.test.ts", title: "given to one of two instances holds both" },
  { file: "test/e2e/upgrade.test.ts", title: "that is newer was here before a roll-back" },
  { file: "test/e2e/doctor.test.ts", title: "a deployment without a fault is well" },
  { file: "test/e2e/hostile-requests.test.ts", title: "100,000 items" },
  { file: "test/e2e/hostile-requests.test.ts", title: "nothing was written to Graph, and the app is well" },
];

/** What makes Vitest run only these. They wait for most of their time, so all files run side by side. */
export const onlyRepresentative: readonly string[] = [
  ...new Set(representative.map(({ file }) => file)),
  "--maxWorkers=9",
  `--testNamePattern=${representative.map(({ title }) => title).join("|")}`,
];
