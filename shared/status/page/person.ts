import { isGuid } from "../../graph/guid.ts";
import { escapeHtml } from "../../html/escape-html.ts";
import type { PrivilegeName, Status } from "../status.ts";
import { type Markup, markup } from "./table.ts";

/** What is known beside the ids. */
export type Known = Pick<Status, "names" | "portal">;

export const nameOf = (id: string, { names }: Pick<Known, "names">): string | undefined =>
  Object.hasOwn(names, id) ? names[id] : undefined;

/** An id that can be copied. */
export const idCode = (id: string): string => `<code class="id">${escapeHtml(id)}</code>`;

const userView = "/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/";
const groupView = "/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId/";

/** A person by the directory's name, where it is known, and always by id; with a link to the user in Entra; or a group. */
export function person(id: string, known: Known, isGroup = false): string {
  const name = nameOf(id, known);
  const { portal } = known;
  const link = (text: string) =>
    portal === null || !isGuid(id)
      ? text
      : `<a href="${escapeHtml(`${portal}${isGroup ? groupView : userView}${id}`)}" target="_blank" rel="noopener noreferrer">${text}</a>`;
  return name === undefined ? link(idCode(id)) : `${link(escapeHtml(name))} ${idCode(id)}`;
}

/** Who, what, where: the three cells that every table of ends has. */
export const named = (end: PrivilegeName, known: Known): readonly (string | Markup)[] => [
  markup(person(end.principalId, known, end.isGroup)),
  privilege(end, known),
  end.scope ?? "",
];

/** A place in a group is told by the group's name as well. */
function privilege({ privilege: text, groupId }: PrivilegeName, known: Known): string | Markup {
  const name = groupId === null ? undefined : nameOf(groupId, known);
  if (groupId === null || name === undefined || !text.endsWith(groupId)) return text;
  return markup(`${escapeHtml(text.slice(0, -groupId.length))}${escapeHtml(name)} ${idCode(groupId)}`);
}
