import { z } from "zod";
import type { Dated } from "./graph.ts";
import type { GroupAccess } from "./group-graph.ts";
import { guid, requireGuid } from "./guid.ts";
import { type Listing, readList } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import { instant } from "./principal.ts";
import { unexpectedAnswer } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

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

const listing: Listing<GroupAccess> = { endpoint: endpoints.groupAccess, row: groupAccess, priority: "normal" };

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
  const answer = await readList(context, listing, path, new SleepBudget(context.clock));
  // A list that ignores the filter would prove absences that are none.
  if (answer.value.some((row) => row[property] !== id))
    throw unexpectedAnswer(endpoints.groupAccess, `a row's ${property}`);
  return answer;
}
