import { z } from "zod";
import type { Watch } from "./watch.ts";

/**
 * What an authenticated source says has ended: memberships of a group, or one role. It waives the second absence of an end that nobody
 * announced, never the first: whatever is still shown stays. So a forged one can do no more than that.
 */
export type Tells =
  | { readonly kind: "group"; readonly groupId: string }
  | { readonly kind: "privilege"; readonly privilegeId: string };

export const tellsSchema: z.ZodType<Tells> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("group"), groupId: z.guid().toLowerCase() }),
  z.object({ kind: z.literal("privilege"), privilegeId: z.guid().toLowerCase() }),
]);

/** Whether it names this watch: a role held through the group, or the role by its definition, whatever the scope. */
export const names = (tells: Tells | undefined, { groupId, roleDefinitionId }: Watch): boolean =>
  tells?.kind === "group" ? tells.groupId === groupId : tells?.privilegeId === roleDefinitionId;

/** Whether it is about the memberships and ownerships of this group. */
export const namesMembersOf = (tells: Tells | undefined, groupId: string): boolean =>
  tells?.kind === "group" && tells.groupId === groupId;
