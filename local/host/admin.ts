import { Buffer } from "node:buffer";
import { z } from "zod";
import { type HostRequest, type HostResponse, json } from "./http-message.ts";
import type { IndexedFunction } from "./index-functions.ts";
import type { Invoke } from "./invoke.ts";
import { isAuthorized, type Keys } from "./keys.ts";
import { toManualInput } from "./manual-input.ts";

export interface AdminOptions {
  readonly functions: readonly IndexedFunction[];
  readonly keys: Keys;
  readonly invoke: Invoke;
  readonly hostId: string;
}

const invocation = z.object({ input: z.string().default("") });

/** The host's own endpoints below `/admin`, all behind the master key (Azure docs: functions-manually-run-non-http). */
export function createAdmin({ functions, keys, invoke, hostId }: AdminOptions) {
  function fire(name: string, request: HostRequest): HostResponse {
    const target = functions.find((candidate) => candidate.fn.name.toLowerCase() === name.toLowerCase());
    if (!target) return { status: 404 };
    const body = invocation.safeParse(parseJson(request.body));
    if (!body.success) return json(400, { message: 'Send JSON such as {"input":"..."}.' });
    const input = toManualInput(target.trigger, body.data.input, new Date());
    if (!input) return json(400, { message: "Call an HTTP function by its URL." });
    // Azure too answers before the function has run; the invoker logs how it ended.
    void invoke(target.fn, input);
    return { status: 202 };
  }

  return (request: HostRequest): HostResponse => {
    if (!isAuthorized("admin", keys, request)) return { status: 401 };
    const path = request.url.pathname.replace(/\/$/, "");
    if (request.method === "POST") {
      const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
      return name === undefined ? { status: 404 } : fire(name, request);
    }
    if (request.method !== "GET") return { status: 404 };
    if (path === "/admin/host/status") {
      return json(200, { id: hostId, state: "Running", processUptime: Math.round(process.uptime() * 1000) });
    }
    if (path === "/admin/functions") return json(200, functions.map(describe));
    return { status: 404 };
  };
}

function describe({ fn }: IndexedFunction) {
  const bindings = Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name }));
  return { name: fn.name, language: "node", isDisabled: false, config: { name: fn.name, bindings } };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
