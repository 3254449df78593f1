import { z } from "zod";
import type { UserReading } from "./graph.ts";
import { guid } from "./guid.ts";
import { instantMs, isInstant } from "./instants-and-ids.ts";

const PROPERTIES = "id,userType,creationType,externalUserState,signInSessionsValidFromDateTime";

/** `signInSessionsValidFromDateTime` is returned only on `$select` (Graph docs: user). @param id lower-case GUID */
export const userPath = (id: string): string => `users/${id}?$select=${PROPERTIES}`;

const is = (text: string | null | undefined, word: string): boolean => text?.toLowerCase() === word;

export const userReading = z
  .object({
    id: guid,
    userType: z.string().nullish(),
    creationType: z.string().nullish(),
    externalUserState: z.string().nullish(),
    signInSessionsValidFromDateTime: z.string().refine(isInstant).nullish(),
  })
  .transform(
    ({ id, userType, creationType, externalUserState, signInSessionsValidFromDateTime: validFrom }): UserReading => ({
      id,
      // A member can be external too: invited, then converted (Entra docs: user-properties).
      external: is(userType, "guest") || is(creationType, "invitation") || (externalUserState ?? null) !== null,
      sessionsValidFrom: validFrom ? Math.floor(instantMs(validFrom) / 1000) * 1000 : null,
    }),
  );
