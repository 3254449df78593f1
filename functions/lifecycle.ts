import type { App } from "../shared/app.ts";
import { toDelivery, toResponse } from "./delivery.ts";
import type { HostApp } from "./host-app.ts";

/** `POST /api/graph/lifecycle`: like the notifications, for events about the subscriptions themselves. */
export const registerLifecycle = (host: HostApp, cutoff: App): void =>
  host.http("lifecycle", {
    methods: ["POST"],
    authLevel: "anonymous",
    route: "graph/lifecycle",
    handler: async (request) => toResponse(await cutoff.lifecycle(toDelivery(request))),
  });
