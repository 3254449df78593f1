import { z } from "zod";
import { isLoopback } from "./is-loopback.ts";

/** Where a webhook is sent: by https, or on this machine. Without a user name or password in it: those end up in logs. */
export const webhookUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const secure = url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)));
    if (secure && url.username === "" && url.password === "") return url.href;
    context.addIssue({ code: "custom", params: url !== null && !secure ? { found: "a URL without https" } : {} });
    return z.NEVER;
  });

/** The secret of a webhook as Standard Webhooks writes it; its bytes. */
export const webhookSecret = () =>
  z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
    .transform((text) => Buffer.from(text.slice("whsec_".length), "base64"))
    .refine((bytes) => bytes.length >= 24 && bytes.length <= 64);
