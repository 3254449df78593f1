import { z } from "zod";

/** A service of a storage account, by https and without a shared access signature; the result has no slash at the end. */
export const serviceUrl = () =>
  z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
    if (plain && url.protocol === "https:") return url.href.replace(/\/+$/, "");
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });
