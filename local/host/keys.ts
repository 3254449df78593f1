import { randomBytes } from "node:crypto";
import type { Env } from "./app-settings.ts";

export interface Keys {
  readonly masterKey: string;
  readonly functionKey: string;
}

export type AuthLevel = "anonymous" | "function" | "admin";

/** The host's keys from `HOST_MASTER_KEY` and `HOST_FUNCTION_KEY`, random where not set. */
export function readKeys(env: Env): Keys {
  const random = () => randomBytes(24).toString("base64url");
  return { masterKey: env.HOST_MASTER_KEY || random(), functionKey: env.HOST_FUNCTION_KEY || random() };
}

/** Whether a request may pass; the key is `x-functions-key` or, without that, the query's `code`. The master key opens everything. */
export function isAuthorized(level: AuthLevel, keys: Keys, request: { headers: Headers; url: URL }): boolean {
  if (level === "anonymous") return true;
  const key = request.headers.get("x-functions-key") ?? request.url.searchParams.get("code");
  return key === keys.masterKey || (level === "function" && key === keys.functionKey);
}
