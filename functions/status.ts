import type { App } from "../shared/app.ts";
import { respondStatus } from "../shared/status/respond-status.ts";
import type { HostApp } from "./host-app.ts";

/** `GET /api/status` (function key): the status page, or the same as JSON. */
export const registerStatus = (host: HostApp, cutoff: App): void =>
  host.http("status", {
    methods: ["GET"],
    authLevel: "function",
    route: "status",
    handler: async (request) => respondStatus(await cutoff.status(), request.headers.get("accept")),
  });
