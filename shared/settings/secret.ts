import { z } from "zod";

/** Characters below which guessing pays: `openssl rand -base64 32` gives 44. */
const minLength = 32;

/** What is found where a reference stands instead of a secret. */
export const unresolved = "a reference that was not resolved";

/**
 * A secret that is long enough to derive keys from; never shown. A Key Vault reference that could not be resolved reaches the app as its own
 * text (App Service docs: Use Key Vault references), which is long enough and no secret at all.
 */
export const secret = () =>
  z
    .string()
    .min(minLength)
    .refine((text) => !text.startsWith("@Microsoft."), { params: { found: unresolved } });
