import { z } from "zod";
import { readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import type { GroupHolders } from "./group-graph.ts";
import { guid, requireGuid } from "./guid.ts";
import { type Listing, restOfList } from "./pages.ts";
import { type Endpoint, endpoints } from "./permissions.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

const holder = z.object({ "@odata.type": z.string().nullish(), id: guid });
type Holder = z.infer<typeof holder>;

const listing = (endpoint: Endpoint): Listing<Holder> => ({ endpoint, row: holder, priority: "normal" });
/** Direct members and those of groups inside, by pages. */
export const members = listing(endpoints.groupMembers);
const owners = listing(endpoints.groupOwners);

/** What can hold a role: nested groups are listed beside their members, devices and contacts sign in to nothing that we could cut. */
const holding: ReadonlySet<string> = new Set(["#microsoft.graph.user", "#microsoft.graph.serviceprincipal"]);

/** The ids of users and service principals in a list of members, each once. */
export const holderIds = (rows: readonly Holder[]): readonly string[] => [
  ...new Set(rows.filter((row) => holding.has(row["@odata.type"]?.toLowerCase() ?? "")).map(({ id }) => id)),
];

/** Members and owners in one `$batch` and the pages that follow. @throws GraphRetryableError, GraphPermanentError */
export async function readHolders(context: ReadContext, groupId: string): Promise<Dated<GroupHolders>> {
  const id = requireGuid(groupId, "group");
  const budget = new SleepBudget(context.clock);
  const item = (endpoint: Endpoint, relation: string) =>
    ({ endpoint, method: "GET", path: `groups/${id}/${relation}?$select=id&$top=999`, mayBeMissing: true }) as const;
  const items = [item(endpoints.groupMembers, "transitiveMembers"), item(endpoints.groupOwners, "owners")];
  const { value, date, at } = await readBatch(context, items, budget);
  const idsOf = async (list: Listing<Holder>, body: unknown): Promise<readonly string[]> => {
    const rows = body === null ? [] : await restOfList(context, list, body, budget);
    return holderIds(rows);
  };
  const holders = { members: await idsOf(members, value[0]), owners: await idsOf(owners, value[1]) };
  return { value: { exists: value[0] !== null, ...holders }, date, at };
}
