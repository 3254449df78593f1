import type { App } from "../shared/app.ts";
import { respondStatus } from "../shared/status/page.ts";
import type { HostApp } from "./host-app.ts";
import { toRefusal } from "./refusal.ts";

/** `GET /api/status` (function key, and an operator's sign-in): the status page, or its content as JSON. */
export const registerStatus = (host: HostApp, cutoff: App): void =>
  host.http("status", {
    methods: ["GET"],
    authLevel: "function",
    route: "status",
    handler: async (request) => {
      const access = await cutoff.authorize(request, "Cutoff.Read");
      if (!access.allowed) return toRefusal(access.refusal);
      return respondStatus(await cutoff.status(access.operator), request.headers.get("accept"));
    },
  });
