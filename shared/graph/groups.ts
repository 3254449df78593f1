import { z } from "zod";
import { type BatchItem, readBatch } from "./batch.ts";
import { GraphPermanentError } from "./errors.ts";
import type { Dated, GroupAccess, GroupHolders, GroupReading } from "./graph.ts";
import { guid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { type Endpoint, endpoints, memberReadHidden } from "./permissions.ts";
import { instant, memberGroups, memberGroupsOf } from "./principal.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

/** The most groups whose visibility one process remembers. That of further groups is read each time. */
const mostKnown = 10_000;

const visibilityRow = z.object({ visibility: z.string().nullish() });

/**
 * "To list the members of a hidden membership group, the Member.Read.Hidden permission is required" (Graph docs: group-list-members). No document says
 * whether Graph then returns an empty list or refuses. So neither answer proves that a member has left.
 * @param id a group whose list was empty or was refused
 * @throws GraphPermanentError `hiddenMembership` if its membership is hidden from the app, and all errors of reading the group
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

/** Remembers whether the group's membership is hidden, by the group's `visibility`. */
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

/** Reads a group, in a `$batch` of one item: there a 404 becomes null. @throws GraphRetryableError, GraphPermanentError */
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

/** Lists the groups that can hold roles. Low priority: the list only shows which groups to read. @throws GraphRetryableError, GraphPermanentError */
export async function listAssignableGroups(context: ReadContext): Promise<Dated<readonly string[]>> {
  const path = "groups?$filter=isAssignableToRole%20eq%20true&$select=id,isAssignableToRole&$top=999";
  const { value, ...dated } = await readList(context, assignable, path, new SleepBudget(context.clock));
  return { ...dated, value: value.map(({ id }) => id) };
}

/** The documented sample has capital letters where the schema has lower case (Graph docs: privilegedAccessGroupAssignmentScheduleInstance). */
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

/** Reads rows of PIM for Groups. A filter is mandatory: Graph cannot list them for the whole tenant. @throws GraphRetryableError, GraphPermanentError */
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
  // A row of another id means that Graph ignored the filter, so an absent row would prove nothing.
  if (answer.value.some((row) => row[property] !== id))
    throw unexpectedAnswer(endpoints.groupAccess, `a row's ${property}`);
  return answer;
}

const holder = z.object({ "@odata.type": z.string().nullish(), id: guid });
type Holder = z.infer<typeof holder>;

const holderListing = (endpoint: Endpoint): Listing<Holder> => ({ endpoint, row: holder, priority: "normal" });
/** Direct members and members of nested groups, in pages. */
export const members = holderListing(endpoints.groupMembers);
const owners = holderListing(endpoints.groupOwners);

/**
 * Types of members that do not count. Nested groups are listed together with their members, and devices and contacts have no sign-in sessions. All other
 * types count: one derived from user or servicePrincipal, e.g. agentUser or agentIdentity, is listed with its own type name (Graph docs: agentUser).
 */
const others: ReadonlySet<string> = new Set([
  "#microsoft.graph.group",
  "#microsoft.graph.device",
  "#microsoft.graph.orgcontact",
]);

/** The ids of all kinds of users and service principals in a list of members, each id once. */
export const holderIds = (rows: readonly Holder[]): readonly string[] => [
  ...new Set(rows.filter((row) => !others.has(row["@odata.type"]?.toLowerCase() ?? "")).map(({ id }) => id)),
];

const listOf = (id: string, endpoint: Endpoint, relation: string): BatchItem => ({
  endpoint,
  method: "GET",
  path: `groups/${id}/${relation}?$select=id&$top=999`,
  mayBeMissing: true,
});
const ownersOf = (id: string) => listOf(id, endpoints.groupOwners, "owners");

/**
 * Reads the user's groups or the group's owners: unlike a list of members they are short. A group that Graph does not show proves nothing here: its
 * membership may be hidden. @throws GraphRetryableError, GraphPermanentError
 */
export async function readIsHolder(
  context: ReadContext,
  { principalId, groupId, access }: Pick<GroupAccess, "principalId" | "groupId" | "access">,
): Promise<Dated<boolean>> {
  const user = requireGuid(principalId, "principal");
  const group = requireGuid(groupId, "group");
  const isOwner = access === "owner";
  return beginningAnew(async () => {
    const budget = new SleepBudget(context.clock);
    // PIM for Groups also has groups that are not for security.
    const { value, date, at } = await readBatch(
      context,
      [isOwner ? ownersOf(group) : memberGroupsOf(user, false)],
      budget,
    );
    const [body = null] = value;
    const ids = async () =>
      isOwner
        ? holderIds(await laterPages(context, owners, body, budget)).includes(user)
        : (await laterPages(context, memberGroups, body, budget)).includes(group);
    return { value: body !== null && (await ids()), date, at };
  });
}

/** Reads members and owners in one `$batch`, and then the further pages. @throws GraphRetryableError, GraphPermanentError */
export async function readHolders(context: ReadContext, groupId: string): Promise<Dated<GroupHolders>> {
  const id = requireGuid(groupId, "group");
  return beginningAnew(() => readHoldersOnce(context, id));
}

async function readHoldersOnce(context: ReadContext, id: string): Promise<Dated<GroupHolders>> {
  const budget = new SleepBudget(context.clock);
  const items = [listOf(id, endpoints.groupMembers, "transitiveMembers"), ownersOf(id)];
  const { value, date, at } = await readUnlessHidden(context, id, items, budget);
  const idsOf = async (list: Listing<Holder>, body: unknown): Promise<readonly string[]> => {
    const rows = body === null ? [] : await laterPages(context, list, body, budget);
    return holderIds(rows);
  };
  const holders = { members: await idsOf(members, value[0]), owners: await idsOf(owners, value[1]) };
  if (value[0] !== null && holders.members.length === 0) await refuseHidden(context, id, budget);
  return { value: { exists: value[0] !== null, ...holders }, date, at };
}

/** If Graph refuses because the membership is hidden, the error names the missing permission. */
async function readUnlessHidden(context: ReadContext, id: string, items: readonly BatchItem[], budget: SleepBudget) {
  try {
    return await readBatch(context, items, budget);
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || error.status !== 403) throw error;
    await refuseHidden(context, id, budget).catch((why: unknown) => {
      // If the group itself cannot be read either, the first refusal is the more useful error.
      if (why instanceof GraphPermanentError && why.code === "hiddenMembership") throw why;
    });
    throw error;
  }
}
