import { plainJson } from "../../plain.ts";
import type { Report } from "../report.ts";

/** The report as JSON in pieces, one end per line: a long history need not become one long string. */
export function* jsonReport({ ends, ...summary }: Report): Generator<string> {
  const head = plainJson(JSON.stringify(summary, null, 2)).slice(0, -2);
  yield `${head},\n  "ends": [`;
  for (const [at, end] of ends.entries()) yield `${at > 0 ? "," : ""}\n    ${plainJson(JSON.stringify(end))}`;
  yield ends.length > 0 ? "\n  ]\n}\n" : "]\n}\n";
}
