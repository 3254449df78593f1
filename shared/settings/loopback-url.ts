import { z } from "zod";
import { isLoopback } from "./is-loopback.ts";

/** The origin of a server on this machine. Any other host would be handed the app's Graph token, so there is no way to name one. */
export const loopbackUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain = url !== null && url.href === `${url.origin}/` && /^https?:$/.test(url.protocol);
    if (plain && isLoopback(url)) return url.origin;
    context.addIssue({ code: "custom", params: plain ? { found: "a URL of another host" } : {} });
    return z.NEVER;
  });
