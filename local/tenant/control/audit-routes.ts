import { emptySchema } from "./messages.ts";
import { type ControlRoute, route, wholeNumber } from "./route.ts";

/** What the diagnostic setting `AuditLogs` has sent to the event hub. */
export const auditRoutes: readonly ControlRoute[] = [
  route("GET", /^\/audit-envelopes$/, emptySchema, ({ tenant, url }) => {
    const after = wholeNumber(url, "after");
    const records = tenant.audit.streamed(after);
    return { records, last: after + records.length };
  }),
];
