import { z } from "zod";
import type { UserReading } from "./graph.ts";
import { guid } from "./guid.ts";
import { instantMs, isInstant } from "./instant.ts";

const PROPERTIES = "id,identities,isManagementRestricted,signInSessionsValidFromDateTime";

/** `signInSessionsValidFromDateTime` is returned only on `$select` (Graph docs: user). @param id lower-case GUID */
export const userPath = (id: string): string => `users/${id}?$select=${PROPERTIES}`;

/** Each way to sign in that a user has (Graph docs: objectIdentity). */
const identity = z.object({ signInType: z.string().nullish() });

export const userReading = z
  .object({
    id: guid,
    identities: z.array(identity).nullish(),
    isManagementRestricted: z.boolean().nullish(),
    signInSessionsValidFromDateTime: z.string().refine(isInstant).nullish(),
  })
  .transform(
    ({ id, identities, isManagementRestricted, signInSessionsValidFromDateTime: validFrom }): UserReading => ({
      id,
      restricted: isManagementRestricted ?? false,
      external: identities?.some(({ signInType }) => signInType?.toLowerCase() === "federated") ?? false,
      sessionsValidFrom: validFrom ? Math.floor(instantMs(validFrom) / 1000) * 1000 : null,
    }),
  );
