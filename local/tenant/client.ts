import type { z } from "zod";
import * as messages from "./control/messages.ts";
import type { HistoryEvent } from "./history-events.ts";

type Body<Schema extends z.ZodType> = z.input<Schema>;

/** The control API of a simulated tenant, typed. Every method rejects with an `Error` that repeats the tenant's refusal. */
export function createTenantClient(url: string) {
  const call = async <Reply>(method: string, path: string, reply: z.ZodType<Reply>, body?: unknown): Promise<Reply> => {
    const init =
      body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${url}/simulator${path}`, { method, ...init });
    if (!response.ok)
      throw new Error(`${method} ${path} was refused with ${response.status}: ${await response.text()}`);
    return reply.parse(await response.json());
  };
  const post = <Reply>(path: string, reply: z.ZodType<Reply>, body: unknown = {}) => call("POST", path, reply, body);
  const { idReply, assignmentReply, doneReply, clockReply, tokensReply, historyReply } = messages;
  const history = async (after = 0, waitMs = 0): Promise<HistoryEvent[]> =>
    (await call("GET", `/history?after=${after}&waitMs=${waitMs}`, historyReply)).events;

  return {
    createUser: (body: Body<typeof messages.userSchema>) => post("/users", idReply, body),
    changeUser: (id: string, body: Body<typeof messages.userChangeSchema>) =>
      call("PATCH", `/users/${id}`, doneReply, body),
    /** An administrator deletes the user's methods of strong authentication. */
    deleteSecurityInfo: (id: string) => call("DELETE", `/users/${id}/security-info`, doneReply),
    /** A Global Administrator elevates their access to Azure, or takes that back. */
    elevateAccess: (id: string) => post(`/users/${id}/elevation`, doneReply),
    removeElevation: (id: string) => call("DELETE", `/users/${id}/elevation`, doneReply),
    deleteUser: (id: string) => call("DELETE", `/users/${id}`, doneReply),
    createServicePrincipal: (body: Body<typeof messages.servicePrincipalSchema> = {}) =>
      post("/service-principals", idReply, body),
    createGroup: (body: Body<typeof messages.groupSchema>) => post("/groups", idReply, body),
    addMember: (groupId: string, memberId: string) => post(`/groups/${groupId}/members`, doneReply, { memberId }),
    removeMember: (groupId: string, memberId: string) =>
      call("DELETE", `/groups/${groupId}/members/${memberId}`, doneReply),
    addOwner: (groupId: string, memberId: string) => post(`/groups/${groupId}/owners`, doneReply, { memberId }),
    removeOwner: (groupId: string, memberId: string) =>
      call("DELETE", `/groups/${groupId}/owners/${memberId}`, doneReply),
    createRole: (body: Body<typeof messages.roleSchema>) => post("/roles", idReply, body),
    makeEligible: (body: Body<typeof messages.privilegeSchema>) => post("/eligibilities", doneReply, body),

    activate: (body: Body<typeof messages.activateSchema>) => post("/pim/activate", assignmentReply, body),
    assign: (body: Body<typeof messages.assignSchema>) => post("/pim/assign", assignmentReply, body),
    extend: (body: Body<typeof messages.extendSchema>) => post("/pim/extend", assignmentReply, body),
    deactivate: (scheduleId: string) => post("/pim/deactivate", doneReply, { scheduleId }),
    remove: (scheduleId: string) => post("/pim/remove", doneReply, { scheduleId }),
    removeOutsidePim: (body: Body<typeof messages.privilegeSchema>) => post("/pim/remove-outside", doneReply, body),

    removeEligibility: (body: Body<typeof messages.privilegeSchema>) =>
      post("/pim/remove-eligibility", doneReply, body),

    startGroupAccess: (body: Body<typeof messages.startGroupAccessSchema>) =>
      post("/pim-groups/start", assignmentReply, body),
    extendGroupAccess: (body: Body<typeof messages.extendSchema>) => post("/pim-groups/extend", assignmentReply, body),
    endGroupAccess: (body: Body<typeof messages.endGroupAccessSchema>) => post("/pim-groups/end", doneReply, body),

    clock: () => call("GET", "/clock", clockReply),
    setClock: (body: Body<typeof messages.clockSchema>) => post("/clock", clockReply, body),
    replicate: (body: Body<typeof messages.replicationSchema>) => post("/replication", doneReply, body),
    hold: (body: Body<typeof messages.replicaSchema>) => post("/replication/hold", doneReply, body),
    release: (body: Body<typeof messages.replicaSchema>) => post("/replication/release", doneReply, body),
    addFault: (body: Body<typeof messages.faultSchema>) => post("/faults", doneReply, body),
    clearFaults: () => call("DELETE", "/faults", doneReply),
    changeSettings: (body: Body<typeof messages.settingsSchema>) => call("PATCH", "/settings", doneReply, body),
    /** The records that the event hub got after the first `after`, as the body of one event, and how many it has got by now. */
    auditEnvelopes: (after = 0) => call("GET", `/audit-envelopes?after=${after}`, messages.auditEnvelopesReply),
    /** A second deployment: an identity of its own, with the same permissions. */
    createApp: (body: Body<typeof messages.appSchema> = {}) => post("/apps", messages.appReply, body),
    /** Those of every app, with what Graph never shows. */
    subscriptions: async () => (await call("GET", "/subscriptions", messages.subscriptionsReply)).subscriptions,
    /** The tenant forgets a subscription and notifies nobody. */
    loseSubscription: (id: string) => call("DELETE", `/subscriptions/${id}`, doneReply),
    sendLifecycle: (id: string, lifecycleEvent: z.input<typeof messages.lifecycleSchema>["lifecycleEvent"]) =>
      post(`/subscriptions/${id}/lifecycle`, doneReply, { lifecycleEvent }),
    /** The tokens that accompany notifications are signed with a new key from now on. */
    rotatePublisherKeys: () => post("/publisher-keys/rotate", doneReply),
    /** What Application Insights got after the first `after` items, and how many it has got by now. */
    telemetry: (after = 0) => call("GET", `/telemetry?after=${after}`, messages.telemetryReply),
    signIn: (body: Body<typeof messages.signInSchema>) => post("/sign-in", tokensReply, body),
    /** An operator of the app signs in, somebody new unless one is named: an access token with these app roles. */
    operatorToken: (body: Body<typeof messages.operatorSchema>) =>
      post("/operator-token", messages.operatorReply, body),
    reset: () => post("/reset", doneReply),

    history,
    /**
     * Resolves with the first event after `after` that `wanted` accepts, as soon as it happens.
     * Rejects after `timeoutMs` of real time (default 10 s).
     */
    async waitFor(
      wanted: (event: HistoryEvent) => boolean,
      { after = 0, timeoutMs = 10_000 } = {},
    ): Promise<HistoryEvent> {
      const deadline = performance.now() + timeoutMs;
      for (let seen = after; ; ) {
        const left = Math.ceil(deadline - performance.now());
        if (left <= 0) throw new Error(`the tenant's history did not show what was awaited within ${timeoutMs} ms`);
        const events = await history(seen, left);
        const found = events.find(wanted);
        if (found !== undefined) return found;
        seen = events.at(-1)?.seq ?? seen;
      }
    },
  };
}

export type TenantClient = ReturnType<typeof createTenantClient>;
