import type { Checked } from "./finding.ts";
import { gatherQueries } from "./gather-queries.ts";
import { parseQuery } from "./parse-query.ts";

/** Every query, by Microsoft's own parser and the columns of the tables. */
export async function checkQueries(): Promise<readonly Checked[]> {
  const queries = await gatherQueries();
  const problems = queries.flatMap(({ name, text }) =>
    parseQuery(text).problems.map((problem) => `${name}:${problem}`),
  );
  return [{ what: `${queries.length} queries`, problems }];
}
