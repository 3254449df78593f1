import { z } from "zod";
import { ourRoles, type Proof } from "./operator.ts";

const principalSchema = z.object({
  auth_typ: z.literal("aad"),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
  role_typ: z.string().optional(),
});

const entraClaim = "http://schemas.microsoft.com/identity/claims";

/**
 * Who calls, by the header `X-MS-CLIENT-PRINCIPAL` of App Service authentication (App Service docs: Work with user identities). It can be
 * believed only where that authentication is on: then the platform verifies the sign-in, and takes such a header off every request from
 * outside. Tenant and audience are compared all the same, since the platform can be set up to let others in.
 */
export function readClientPrincipal(
  header: string,
  { tenantId, audience }: { readonly tenantId: string; readonly audience: string },
): Proof {
  const { data } = principalSchema.safeParse(decode(header));
  if (data === undefined) return { proven: false, because: "BAD_TOKEN" };
  const valuesOf = (...types: readonly string[]) =>
    data.claims.flatMap(({ typ, val }) => (types.includes(typ) ? [val] : []));
  const only = (...types: readonly string[]) => {
    const [value, ...others] = valuesOf(...types);
    return others.length === 0 ? value?.toLowerCase() : undefined;
  };
  const oid = z.guid().safeParse(only("oid", `${entraClaim}/objectidentifier`));
  const isOurs = only("tid", `${entraClaim}/tenantid`) === tenantId && only("aud") === audience;
  if (!oid.success || !isOurs) return { proven: false, because: "BAD_TOKEN" };
  const roles = valuesOf("roles", ...(data.role_typ === undefined ? [] : [data.role_typ]));
  return { proven: true, operator: { objectId: oid.data, roles: ourRoles(roles) } };
}

function decode(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    return undefined;
  }
}
