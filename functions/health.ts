import type { App } from "../shared/app.ts";
import type { HostApp } from "./host-app.ts";

/** `GET /api/health` (function key): 200, or 503 when something needs a person now, with the state of the app, read from storage only. */
export const registerHealth = (host: HostApp, cutoff: App): void =>
  host.http("health", {
    methods: ["GET"],
    authLevel: "function",
    route: "health",
    handler: async () => {
      const health = await cutoff.health();
      return { status: health.healthy ? 200 : 503, jsonBody: health, headers: { "Cache-Control": "no-store" } };
    },
  });
