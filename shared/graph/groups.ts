import { z } from "zod";
import { type BatchItem, readBatch } from "./batch.ts";
import { GraphPermanentError } from "./errors.ts";
import type { Dated, GroupAccess, GroupHolders, GroupReading } from "./graph.ts";
import { guid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { type Endpoint, endpoints, memberReadHidden } from "./permissions.ts";
import { instant } from "./principal.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

/** Groups of one process; whoever watches more asks anew. */
const mostKnown = 10_000;

const visibilityRow = z.object({ visibility: z.string().nullish() });

/**
 * "To list the members of a hidden membership group, the Member.Read.Hidden permission is required" (Graph docs: group-list-members). Whether such a
 * group then reads as empty or is refused is written nowhere, so neither means anything: nobody has left it.
 * @param id of a group that shows no member, or that was refused
 * @throws GraphPermanentError `hiddenMembership` if it has hidden members that we may not see, and what reading the group throws
 */
export async function refuseHidden(context: ReadContext, id: string, budget: SleepBudget): Promise<void> {
  const { hidden } = context;
  if (!(hidden?.known.get(id) ?? (await readIsHidden(context, id, budget)))) return;
  if (await hidden?.mayRead()) return;
  const { name, appRoleId, feature } = memberReadHidden;
  throw new GraphPermanentError(
    `The membership of this group is hidden, and what Graph shows of it proves nothing. Grant the app's identity the application permission ${name} (${appRoleId}); it is needed for ${feature}. A managed identity may carry its old permissions for up to 24 hours.`,
    { code: "hiddenMembership", status: 403 },
  );
}

async function readIsHidden(context: ReadContext, id: string, budget: SleepBudget): Promise<boolean> {
  const path = `groups/${id}?$select=id,visibility`;
  const item = { endpoint: endpoints.group, method: "GET", path, mayBeMissing: true } as const;
  const { value } = await readBatch(context, [item], budget);
  if (value[0] === null) return false;
  return noteVisibility(context, id, promised(endpoints.group, visibilityRow, value[0]).visibility);
}

/** What Graph says of the group itself: whether its membership is hidden. */
export function noteVisibility({ hidden }: ReadContext, id: string, visibility: string | null | undefined): boolean {
  const isHidden = visibility?.toLowerCase() === "hiddenmembership";
  if (hidden !== undefined && hidden.known.size < mostKnown) hidden.known.set(id, isHidden);
  return isHidden;
}

export const groupRow = z.object({
  id: guid,
  isAssignableToRole: z.boolean().nullish(),
  visibility: z.string().nullish(),
});

/** In a `$batch` of one, because there a 404 is an answer. @throws GraphRetryableError, GraphPermanentError */
export async function readGroup(context: ReadContext, groupId: string): Promise<Dated<GroupReading | null>> {
  const id = requireGuid(groupId, "group");
  const path = `groups/${id}?$select=id,isAssignableToRole,securityEnabled`;
  const item = { endpoint: endpoints.group, method: "GET", path, mayBeMissing: true } as const;
  const { value, date, at } = await readBatch(context, [item], new SleepBudget(context.clock));
  if (value[0] === null) return { value: null, date, at };
  const found = promised(endpoints.group, groupRow, value[0]);
  if (found.id !== id) throw unexpectedAnswer(endpoints.group, "id");
  return { value: { id, assignableToRole: found.isAssignableToRole ?? false }, date, at };
}

const assignable: Listing<z.infer<typeof groupRow>> = { endpoint: endpoints.groups, row: groupRow, priority: "low" };

/** Low priority: it only says which groups to read. @throws GraphRetryableError, GraphPermanentError */
export async function listAssignableGroups(context: ReadContext): Promise<Dated<readonly string[]>> {
  const path = "groups?$filter=isAssignableToRole%20eq%20true&$select=id,isAssignableToRole&$top=999";
  const { value, ...dated } = await readList(context, assignable, path, new SleepBudget(context.clock));
  return { ...dated, value: value.map(({ id }) => id) };
}

/** The documented sample capitalises what the schema has in lower case (Graph docs: privilegedAccessGroupAssignmentScheduleInstance). */
const lower = z.string().toLowerCase();

const groupAccess = z
  .object({
    groupId: guid,
    principalId: guid,
    accessId: lower.pipe(z.enum(["member", "owner"])),
    startDateTime: instant,
    endDateTime: instant,
    assignmentType: lower.pipe(z.enum(["assigned", "activated"])),
    assignmentScheduleId: z.string().min(1).toLowerCase(),
  })
  .transform(
    ({ accessId, assignmentType, ...row }): GroupAccess => ({
      ...row,
      access: accessId,
      activated: assignmentType === "activated",
    }),
  );

const accessListing: Listing<GroupAccess> = { endpoint: endpoints.groupAccess, row: groupAccess, priority: "normal" };

/** A filter is mandatory: PIM for Groups cannot be read tenant-wide. @throws GraphRetryableError, GraphPermanentError */
export async function readAccess(
  context: ReadContext,
  of: { readonly groupId: string } | { readonly principalId: string },
): Promise<Dated<readonly GroupAccess[]>> {
  const [property, id] =
    "groupId" in of
      ? (["groupId", requireGuid(of.groupId, "group")] as const)
      : (["principalId", requireGuid(of.principalId, "principal")] as const);
  const path = `identityGovernance/privilegedAccess/group/assignmentScheduleInstances?$filter=${property}%20eq%20'${id}'`;
  const answer = await readList(context, accessListing, path, new SleepBudget(context.clock));
  // A list that ignores the filter would prove absences that are none.
  if (answer.value.some((row) => row[property] !== id))
    throw unexpectedAnswer(endpoints.groupAccess, `a row's ${property}`);
  return answer;
}

const holder = z.object({ "@odata.type": z.string().nullish(), id: guid });
type Holder = z.infer<typeof holder>;

const holderListing = (endpoint: Endpoint): Listing<Holder> => ({ endpoint, row: holder, priority: "normal" });
/** Direct members and those of groups inside, by pages. */
export const members = holderListing(endpoints.groupMembers);
const owners = holderListing(endpoints.groupOwners);

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
  return beginningAnew(() => readHoldersOnce(context, id));
}

async function readHoldersOnce(context: ReadContext, id: string): Promise<Dated<GroupHolders>> {
  const budget = new SleepBudget(context.clock);
  const item = (endpoint: Endpoint, relation: string) =>
    ({ endpoint, method: "GET", path: `groups/${id}/${relation}?$select=id&$top=999`, mayBeMissing: true }) as const;
  const items = [item(endpoints.groupMembers, "transitiveMembers"), item(endpoints.groupOwners, "owners")];
  const { value, date, at } = await readUnlessHidden(context, id, items, budget);
  const idsOf = async (list: Listing<Holder>, body: unknown): Promise<readonly string[]> => {
    const rows = body === null ? [] : await laterPages(context, list, body, budget);
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
