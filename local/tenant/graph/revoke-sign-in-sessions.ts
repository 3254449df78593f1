import { auditRevoke } from "../audit/user-rows.ts";
import { cutSessions, ownsItsSessions } from "../directory/users.ts";
import { ok } from "../http/answer.ts";
import { epochSeconds, isoSeconds } from "../iso-time.ts";
import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { denied, notFound } from "./graph-error.ts";
import { metadata } from "./page.ts";
import { findUser } from "./users.ts";

/** Graph docs: user-revokesigninsessions. `value` is always true and proves nothing. */
export const revokeSignInSessions: GraphEndpoint = {
  method: "POST",
  path: /^\/users\/([^/]+)\/(?:microsoft\.graph\.)?revokeSignInSessions$/i,
  permissions: anyOf("User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"),
  cost: { units: 1, writes: 1 },
  handle({ tenant, call, app, params: [id = ""] }) {
    const user = findUser(tenant.users.primary, id);
    if (user === undefined) throw notFound(id);
    // "Those permissions won't apply" (Entra docs: admin-units-restricted-management); that a revoke is among what is refused is inferred.
    if (user.isManagementRestricted) throw denied();
    const effective = ownsItsSessions(user);
    tenant.history.record({
      event: "revokeAccepted",
      userId: user.id,
      appId: app.appId,
      effective,
      validFrom: isoSeconds(1000 * (effective ? epochSeconds(tenant.clock.now()) : user.validFrom)),
    });
    if (effective) {
      cutSessions(tenant, user);
      auditRevoke(tenant, user.id, app.appId);
    }
    return ok({ "@odata.context": metadata(call.url, "Edm.Boolean"), value: true });
  },
};
