import type { App } from "../shared/app.ts";
import { readBody } from "../shared/notifications/read-delivery.ts";
import { readOperation, roleFor } from "../shared/operators/orders.ts";
import { isStorageError } from "../shared/storage/table.ts";
import { lengthOf } from "./delivery.ts";
import type { HostApp } from "./host-app.ts";
import { toRefusal } from "./refusal.ts";

/** `POST /api/operations/{action}` (function key, and an operator's sign-in): decisions that only a person may make. It has no GET. */
export const registerOperations = (host: HostApp, cutoff: App): void =>
  host.http("operations", {
    methods: ["POST"],
    authLevel: "function",
    route: "operations/{action}",
    handler: async (request) => {
      const action = request.params.action ?? "";
      const access = await cutoff.authorize(request, roleFor(action));
      if (!access.allowed) return toRefusal(access.refusal);
      const body = await readBody({ contentLength: lengthOf(request.headers), body: request.body });
      if (body === null) {
        const problems = ["An order is a JSON object of a few hundred bytes: action in the path, reason in the body."];
        return { status: 413, jsonBody: { error: "BODY_TOO_LARGE", problems } };
      }
      const reading = readOperation(action, body.toString("utf8"));
      if (reading.kind === "unknownAction") {
        return { status: 404, jsonBody: { error: "UNKNOWN_ACTION", actions: reading.actions } };
      }
      if (reading.kind === "badBody") {
        return { status: 400, jsonBody: { error: "BAD_OPERATION", problems: reading.problems } };
      }
      try {
        return { status: 200, jsonBody: await cutoff.operate(reading.operation, access.operator) };
      } catch (error) {
        if (!isStorageError(error)) throw error;
        const jsonBody = {
          error: error.code,
          problems: ["It may be carried out in part. Repeat it: that does no harm."],
        };
        return { status: 503, jsonBody };
      }
    },
  });
