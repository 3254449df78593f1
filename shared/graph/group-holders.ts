import { z } from "zod";
import { type BatchItem, readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { GraphPermanentError } from "./graph-errors.ts";
import type { GroupHolders } from "./group-graph.ts";
import { guid, requireGuid } from "./guid.ts";
import { refuseHidden } from "./hidden-groups.ts";
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

/**
 * What holds no role: nested groups are listed beside their members, devices and contacts sign in to nothing that we could cut. Everything else counts,
 * by whatever name: a type that derives from user or servicePrincipal, such as agentUser and agentIdentity, arrives under its own (Graph docs: agentUser).
 */
const others: ReadonlySet<string> = new Set([
  "#microsoft.graph.group",
  "#microsoft.graph.device",
  "#microsoft.graph.orgcontact",
]);

/** The ids of users and service principals, of every kind, in a list of members, each once. */
export const holderIds = (rows: readonly Holder[]): readonly string[] => [
  ...new Set(rows.filter((row) => !others.has(row["@odata.type"]?.toLowerCase() ?? "")).map(({ id }) => id)),
];

/** Members and owners in one `$batch` and the pages that follow. @throws GraphRetryableError, GraphPermanentError */
export async function readHolders(context: ReadContext, groupId: string): Promise<Dated<GroupHolders>> {
  const id = requireGuid(groupId, "group");
  const budget = new SleepBudget(context.clock);
  const item = (endpoint: Endpoint, relation: string) =>
    ({ endpoint, method: "GET", path: `groups/${id}/${relation}?$select=id&$top=999`, mayBeMissing: true }) as const;
  const items = [item(endpoints.groupMembers, "transitiveMembers"), item(endpoints.groupOwners, "owners")];
  const { value, date, at } = await readUnlessHidden(context, id, items, budget);
  const idsOf = async (list: Listing<Holder>, body: unknown): Promise<readonly string[]> => {
    const rows = body === null ? [] : await restOfList(context, list, body, budget);
    return holderIds(rows);
  };
  const holders = { members: await idsOf(members, value[0]), owners: await idsOf(owners, value[1]) };
  if (value[0] !== null && holders.members.length === 0) await refuseHidden(context, id, budget);
  return { value: { exists: value[0] !== null, ...holders }, date, at };
}

/** A refusal of a group with hidden members names the permission that mends it. */
async function readUnlessHidden(context: ReadContext, id: string, items: readonly BatchItem[], budget: SleepBudget) {
  try {
    return await readBatch(context, items, budget);
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || error.status !== 403) throw error;
    await refuseHidden(context, id, budget).catch((why: unknown) => {
      // Without any permission to read groups the first refusal tells more.
      if (why instanceof GraphPermanentError && why.code === "hiddenMembership") throw why;
    });
    throw error;
  }
}
