import { z } from "zod";
import { connectionParts } from "./connection-parts.ts";
import { isLoopback } from "./is-loopback.ts";
import type { SharedKeyStorage } from "./storage-settings.ts";

/** Azurite's well-known account on its default ports (Azure docs: Configure Azure Storage connection strings). */
const developmentStorage: SharedKeyStorage = {
  kind: "sharedKey",
  accountName: "devstoreaccount1",
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  tableUrl: "http://127.0.0.1:10002/devstoreaccount1",
  queueUrl: "http://127.0.0.1:10001/devstoreaccount1",
};

/** A storage connection string with an account key. It is a secret: problems name the part that is wrong and never show it. */
export const connectionString = () =>
  z.string().transform((text, context): SharedKeyStorage => {
    const parsed = parse(text);
    if (typeof parsed !== "string") return parsed;
    context.addIssue({ code: "custom", params: { found: `${parsed} (a value of ${text.length} characters)` } });
    return z.NEVER;
  });

/** The parsed connection string, or what is wrong with it. */
function parse(text: string): SharedKeyStorage | string {
  const parts = connectionParts(text);
  if (parts.get("usedevelopmentstorage")?.toLowerCase() === "true") return developmentStorage;
  if (parts.has("sharedaccesssignature")) return "a shared access signature, which the app does not support";
  const accountName = parts.get("accountname") ?? "";
  const accountKey = parts.get("accountkey") ?? "";
  if (!/^[a-z0-9]{3,24}$/.test(accountName)) return "no AccountName of 3 to 24 lower-case letters and digits";
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accountKey) || accountKey.length % 4 !== 0) return "no AccountKey in base64";
  const urlOf = (service: "table" | "queue") => {
    const protocol = parts.get("defaultendpointsprotocol")?.toLowerCase() ?? "https";
    const suffix = parts.get("endpointsuffix") ?? "core.windows.net";
    return checkedUrl(parts.get(`${service}endpoint`) ?? `${protocol}://${accountName}.${service}.${suffix}`);
  };
  const [tableUrl, queueUrl] = [urlOf("table"), urlOf("queue")];
  if (tableUrl === undefined || queueUrl === undefined) return "an endpoint that is neither https nor on this machine";
  return { kind: "sharedKey", accountName, accountKey, tableUrl, queueUrl };
}

function checkedUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.search !== "") return undefined;
  const safe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
  return safe ? url.href.replace(/\/+$/, "") : undefined;
}
