import { z } from "zod";
import { isLoopback } from "./is-loopback.ts";

/** Where Graph reaches the app: an https origin; without encryption only on this machine. The result has no slash at the end. */
export const publicUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain = url !== null && url.href === `${url.origin}/` && url.username === "";
    if (plain && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)))) return url.origin;
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });

/** The host name that App Service gives the app, as its URL (App Service docs: environment variables); on this machine with a port. */
export const hostNameUrl = () =>
  z
    .string()
    .transform((name) => {
      const url = URL.parse(`http://${name}`);
      return url !== null && isLoopback(url) ? `http://${name}` : `https://${name}`;
    })
    .pipe(publicUrl());
