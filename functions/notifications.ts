import type { App } from "../shared/app.ts";
import { toDelivery, toResponse } from "./delivery.ts";
import type { HostApp } from "./host-app.ts";

/** `POST /api/graph/notifications`: anonymous, since Graph's validation is; each notification proves itself by its client state. */
export const registerNotifications = (host: HostApp, cutoff: App): void =>
  host.http("notifications", {
    methods: ["POST"],
    authLevel: "anonymous",
    route: "graph/notifications",
    handler: async (request) => toResponse(await cutoff.notifications(toDelivery(request))),
  });
