import type { App } from "../shared/app.ts";
import { toDelivery, toResponse } from "./delivery.ts";
import type { HostApp } from "./host-app.ts";

/** `POST /api/graph/notifications`: anonymous, as Graph's validation request is; each notification is authenticated by its client state. */
export const registerNotifications = (host: HostApp, cutoff: App): void =>
  host.http("notifications", {
    methods: ["POST"],
    authLevel: "anonymous",
    route: "graph/notifications",
    handler: async (request) => toResponse(await cutoff.notifications(toDelivery(request))),
  });
