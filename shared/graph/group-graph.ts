/**
 * What the core needs from Microsoft Graph about groups, beside the port of `graph.ts`.
 * Every method may throw one of the errors of `graph-errors.ts` and nothing else.
 */
import type { Dated } from "./graph.ts";

/** A group itself. */
export interface GroupReading {
  readonly id: string;
  /** Only such groups can hold directory roles; fixed when the group is created (Entra docs: groups-concept). */
  readonly assignableToRole: boolean;
}

export type AccessId = "member" | "owner";

/** Users and service principals in a group now, as the directory has them. */
export interface GroupHolders {
  /** False when the group does not exist: then it holds nobody. */
  readonly exists: boolean;
  /** Directly or through other groups. */
  readonly members: readonly string[];
  readonly owners: readonly string[];
}

/** A row of PIM for Groups' `assignmentScheduleInstances`: a membership or ownership that is active now. */
export interface GroupAccess {
  readonly groupId: string;
  readonly principalId: string;
  readonly access: AccessId;
  /** Canonical (see `canonicalInstant`); null on permanent rows. */
  readonly startDateTime: string | null;
  /** As `startDateTime`; null = permanent. Moves when the assignment is extended. */
  readonly endDateTime: string | null;
  readonly activated: boolean;
  readonly assignmentScheduleId: string;
}

export interface GroupGraph {
  /** Null when `/groups/{id}` answered 404: not a group, deleted, or not yet replicated. */
  readGroup(groupId: string): Promise<Dated<GroupReading | null>>;
  /** Date = the first answer's. */
  readHolders(groupId: string): Promise<Dated<GroupHolders>>;
  /** What PIM for Groups lists of a group, or of one principal in all groups. */
  readAccess(
    of: { readonly groupId: string } | { readonly principalId: string },
  ): Promise<Dated<readonly GroupAccess[]>>;
  /** Ids of the groups that can hold directory roles. */
  listAssignableGroups(): Promise<Dated<readonly string[]>>;
}
