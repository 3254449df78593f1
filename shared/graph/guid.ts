import { z } from "zod";
import { GraphPermanentError } from "./graph-errors.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A GUID in an answer of Graph, lower-cased: GUIDs are equal whatever their case. */
export const guid = z.string().regex(GUID).toLowerCase();

/** Schedule ids are GUIDs or, on permanent rows, base64url, in which case matters. */
export const lowerCaseIfGuid = (id: string): string => (isGuid(id) ? id.toLowerCase() : id);

export const isGuid = (text: string): boolean => GUID.test(text);

/**
 * An object id about to become part of a URL, lower-cased.
 * @throws GraphPermanentError `invalidPrincipalId`, `invalidGroupId`, `invalidSubscriptionId` or `invalidRoleDefinitionId`
 */
export function requireGuid(id: string, what: keyof typeof invalid): string {
  if (GUID.test(id)) return id.toLowerCase();
  const message = `A ${what} id must be a GUID. Nothing was sent to Microsoft Graph.`;
  throw new GraphPermanentError(message, { code: invalid[what] });
}

const invalid = {
  principal: "invalidPrincipalId",
  group: "invalidGroupId",
  subscription: "invalidSubscriptionId",
  roleDefinition: "invalidRoleDefinitionId",
} as const;
