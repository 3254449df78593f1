import { z } from "zod";
import { foreignOrigin } from "./authorise.ts";
import type { Dated } from "./graph.ts";
import type { Endpoint } from "./permissions.ts";
import { placeOf, promised, unexpectedAnswer } from "./promised.ts";
import { type ReadContext, read } from "./read.ts";
import type { SleepBudget } from "./retry.ts";

/** Far above any tenant. A list that does not end by then is broken. */
const MAX_PAGES = 500;

const page = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });

/** How a list is read: whose it is, how urgent, and what one row promises. */
export interface Listing<T> {
  readonly endpoint: Endpoint;
  readonly row: z.ZodType<T>;
  readonly priority: "low" | "normal" | "high";
  /** Told the place of each row that is not what was promised: it is left out. Absent: such a row fails the list, since its absence would prove something. */
  readonly setAside?: (place: string) => void;
}

/** Reads a whole list. The date is the first page's: rows that changed since may be on any page. */
export async function readList<T>(
  context: ReadContext,
  listing: Listing<T>,
  path: string,
  budget: SleepBudget,
): Promise<Dated<readonly T[]>> {
  const { value, date, at } = await readPage(context, listing, path, budget);
  return { value: await restOfList(context, listing, value, budget), date, at };
}

/** The rows of a first page that is already here, and of all pages that it leads to. */
export async function restOfList<T>(
  context: ReadContext,
  listing: Listing<T>,
  firstBody: unknown,
  budget: SleepBudget,
): Promise<readonly T[]> {
  const { endpoint, row, setAside } = listing;
  const rows: T[] = [];
  const seen = new Set<string>();
  for (let body = firstBody; ; ) {
    const { value, "@odata.nextLink": link } = promised(endpoint, page, body);
    for (const [index, item] of value.entries()) {
      const place = `value[${index}]`;
      const parsed = row.safeParse(item);
      if (parsed.success) rows.push(parsed.data);
      else if (setAside === undefined) throw unexpectedAnswer(endpoint, placeOf(parsed.error, place));
      else setAside(placeOf(parsed.error, place));
    }
    if (!link) return rows;
    if (seen.has(link) || seen.size >= MAX_PAGES) throw unexpectedAnswer(endpoint, "@odata.nextLink (it never ends)");
    seen.add(link);
    ({ value: body } = await readPage(context, listing, pathOf(link, context.root), budget));
  }
}

async function readPage(
  context: ReadContext,
  { endpoint, priority }: Listing<unknown>,
  path: string,
  budget: SleepBudget,
): Promise<Dated<unknown>> {
  // The budget may refuse: then there has been courtesy enough in this call.
  if (priority === "low") await budget.sleep(context.limiter.courtesy());
  return read(context, { endpoint, method: "GET", path, priority }, budget, (body) => body);
}

/** @throws GraphPermanentError `foreignLink` */
function pathOf(link: string, root: string): string {
  const url = URL.parse(link);
  if (!url?.href.startsWith(root)) throw foreignOrigin();
  return url.href.slice(root.length);
}
