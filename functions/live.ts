import type { HostApp } from "./host-app.ts";

/** `GET /api/live`: 200 when the settings are valid, else 503; anonymous, so the answer has no content. */
export const registerLive = (host: HostApp, isConfigured: boolean): void =>
  host.http("live", {
    methods: ["GET"],
    authLevel: "anonymous",
    route: "live",
    handler: () => ({ status: isConfigured ? 200 : 503 }),
  });
