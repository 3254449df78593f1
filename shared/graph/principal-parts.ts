import { readBatch } from "./batch.ts";
import { directoryAssignments, directoryAssignmentsPath } from "./directory-assignments.ts";
import type { Dated, PrincipalReading } from "./graph.ts";
import { requireGuid } from "./guid.ts";
import { type Listing, restOfList } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import { roleInstancesPath, urgentRoleInstances } from "./principal.ts";
import { promised, unexpectedAnswer } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";
import { userPath, userReading } from "./users.ts";

/** Everything about one principal in one `$batch`, so that all of it is of one moment. @throws GraphRetryableError, GraphPermanentError */
export async function readPrincipal(context: ReadContext, principalId: string): Promise<Dated<PrincipalReading>> {
  const id = requireGuid(principalId, "principal");
  const budget = new SleepBudget(context.clock);
  const items = [
    { endpoint: endpoints.roleInstances, method: "GET", path: roleInstancesPath("principalId", id) },
    { endpoint: endpoints.directoryAssignments, method: "GET", path: directoryAssignmentsPath("principalId", id) },
    { endpoint: endpoints.user, method: "GET", path: userPath(id), mayBeMissing: true },
  ] as const;
  const { value, date, at } = await readBatch(context, items, budget);
  const [instances, directory, user] = value;

  const own = async <T extends { readonly principalId: string }>(listing: Listing<T>, body: unknown) => {
    const rows = await restOfList(context, listing, body, budget);
    // A list that ignores the filter would prove absences that are none.
    if (rows.some((row) => row.principalId !== id)) throw unexpectedAnswer(listing.endpoint, "a row's principalId");
    return rows;
  };
  const reading = {
    instances: await own(urgentRoleInstances, instances),
    directory: await own(directoryAssignments, directory),
    user: user === null ? null : promised(endpoints.user, userReading, user),
  };
  if (reading.user && reading.user.id !== id) throw unexpectedAnswer(endpoints.user, "id");
  return { value: reading, date, at };
}
