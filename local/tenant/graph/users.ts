import type { User } from "../directory/users.ts";
import { ok } from "../http/answer.ts";
import { isoSeconds } from "../iso-time.ts";
import type { Tenant } from "../tenant.ts";
import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { notFound } from "./graph-error.ts";
import { type Row, selectFrom } from "./odata.ts";
import { metadata } from "./page.ts";

/** What a user looks like without `$select` (Graph docs: user-get): everything we decide by has to be asked for. */
export const standardUserProperties = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
];

/** Graph docs: user-get. */
export const getUser: GraphEndpoint = {
  method: "GET",
  path: /^\/users\/([^/]+)$/i,
  permissions: anyOf("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
  cost: { units: 2, writes: 0 },
  handle({ tenant, call, params: [id = ""] }) {
    const user = findUser(tenant.users.read(), id);
    if (user === undefined) throw notFound(id);
    const select = call.url.searchParams.get("$select");
    const row = selectFrom(userRow(user), select, standardUserProperties, "user");
    const context = `users${select === null ? "" : `(${select})`}/$entity`;
    return ok({ "@odata.context": metadata(call.url, context), ...row });
  },
};

/** Graph docs: user-list-manager. */
export const getManager: GraphEndpoint = {
  method: "GET",
  path: /^\/users\/([^/]+)\/manager$/i,
  permissions: anyOf("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
  cost: { units: 2, writes: 0 },
  handle({ tenant, call, params: [id = ""] }) {
    const users = tenant.users.read();
    const manager = users.get(findUser(users, id)?.managerId ?? "");
    if (manager === undefined) throw notFound(id);
    const row = selectFrom(userRow(manager), call.url.searchParams.get("$select"), standardUserProperties, "user");
    return ok({ "@odata.type": "#microsoft.graph.user", ...row });
  },
};

/** A user by object id or user principal name, as one replica shows them. */
export function findUser(users: ReturnType<Tenant["users"]["read"]>, id: string): User | undefined {
  const wanted = id.toLowerCase();
  return users.get(wanted) ?? [...users.values()].find((user) => user.userPrincipalName.toLowerCase() === wanted);
}

export function userRow({ validFrom, managerId: _, ...user }: User): Row {
  return {
    ...user,
    businessPhones: [],
    givenName: null,
    jobTitle: null,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    surname: null,
    signInSessionsValidFromDateTime: isoSeconds(validFrom * 1000),
  };
}
