import type { TokenCredential } from "@azure/identity";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import type { Clock } from "../base/clock.ts";
import type { RecipientKind } from "../settings/settings.ts";
import { untraced } from "../telemetry/telemetry.ts";
import { type AuditQuery, type AuditRow, readDirectoryAudits } from "./directory-audits.ts";
import type { Dated, Graph, GroupGraph, HiddenGroups, SubscriptionGraph } from "./graph.ts";
import { listAssignableGroups, readAccess, readGroup, readHolders, readIsHolder } from "./groups.ts";
import { ownPermissions, ownTenant, trustedOrigin } from "./own-token.ts";
import { createLimiter, createReportPace, createWritePace, type ReportPace } from "./pace.ts";
import {
  createRoleNames,
  type DisplayNames,
  type ListedPrincipal,
  type Recipients,
  type RoleNames,
  readDirectoryNames,
  readDisplayNames,
  readListed,
  readRecipients,
} from "./people.ts";
import { memberReadHidden, type Permission, permissions } from "./permissions.ts";
import { listRoleInstances, readGroupPaths, readPrincipal } from "./principal.ts";
import { type CallWatch, createCallWatch, createSend, type Fetch } from "./send.ts";
import {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  renewSubscription,
  revokeSignInSessions,
} from "./write.ts";

interface GraphOptions {
  /** Address of Graph in the tenant's cloud, without a version, e.g. `https://graph.microsoft.com` (Graph docs: deployments). */
  readonly baseUrl: string;
  readonly credential: TokenCredential;
  /** Token scope of the same cloud, e.g. `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The permissions that the app should have; by default all that some settings need. */
  readonly needed?: readonly Permission[];
  /** Is called for each request to Graph; absent: nothing is called. */
  readonly calls?: CallWatch;
  /** The pace that all processes with reports of this tenant share; absent: a pace of this process only. */
  readonly reportPace?: ReportPace;
  /** Milliseconds per try, token included; 10 s each by default. */
  readonly timeouts?: { readonly read: number; readonly revoke: number };
}

const unwatched = createCallWatch({ measure: () => undefined }, untraced);

/** The ports of the core, and the reads that the core itself does not need. */
export interface GraphGateway extends Graph, GroupGraph, SubscriptionGraph {
  readonly roleNames: RoleNames;
  /** See `readListed` of `people.ts`. */
  readListed(ids: readonly string[]): Promise<Dated<readonly ListedPrincipal[]>>;
  /** See `readDisplayNames` of `people.ts`. */
  readDisplayNames(ids: { readonly userId: string; readonly groupId: string | null }): Promise<Dated<DisplayNames>>;
  /** See `readRecipients` of `people.ts`. */
  readRecipients(userId: string, kind: RecipientKind): Promise<Dated<Recipients>>;
  /** See `readDirectoryNames` of `people.ts`. */
  readDirectoryNames(kind: "user" | "group", ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** See `readDirectoryAudits` of `directory-audits.ts`. */
  readDirectoryAudits(query: AuditQuery): Promise<Dated<readonly AuditRow[]>>;
}

/**
 * Microsoft Graph over HTTP. Create one per process, since all calls must share its knowledge of quotas.
 * @throws GraphPermanentError `insecureBaseUrl`
 */
export function createGraph(options: GraphOptions): GraphGateway {
  const { baseUrl, credential, scope, fetch, clock, random, timeouts = { read: 10_000, revoke: 10_000 } } = options;
  const authProvider = new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] });
  const { calls = unwatched, needed = permissions } = options;
  const send = calls.traced(createSend({ baseUrl, authProvider, fetch, clock, random }));
  const limiter = createLimiter(clock);
  const root = `${trustedOrigin(baseUrl)}/v1.0/`;
  const hidden: HiddenGroups = {
    known: new Map(),
    // Without a token the read itself fails as well.
    mayRead: async () =>
      (await ownPermissions(credential, scope).catch((): readonly string[] => [])).includes(memberReadHidden.name),
  };
  const reads = { send, calls, limiter, clock, random, root, timeout: timeouts.read, needed, hidden };
  // Reports and the directory have separate quotas, so neither may delay the other.
  const reports = { ...reads, limiter: createLimiter(clock), pace: options.reportPace ?? createReportPace(clock) };
  const writes = { send, limiter, pace: createWritePace(clock), timeout: timeouts.revoke, needed };
  // Graph validates our endpoint, for up to 10 s, before it answers (Graph docs: change notifications delivery by webhooks).
  const changes = { ...writes, limiter: createLimiter(clock), timeout: 2 * timeouts.revoke };
  return {
    listRoleInstances: () => listRoleInstances(reads),
    readPrincipal: (principalId) => readPrincipal(reads, principalId),
    readGroupPaths: (userId, roleDefinitionIds) => readGroupPaths(reads, userId, roleDefinitionIds),
    revokeSignInSessions: (userId) => revokeSignInSessions(writes, userId),
    readGroup: (groupId) => readGroup(reads, groupId),
    readHolders: (groupId) => readHolders(reads, groupId),
    readAccess: (of) => readAccess(reads, of),
    readIsHolder: (of) => readIsHolder(reads, of),
    listAssignableGroups: () => listAssignableGroups(reads),
    readListed: (ids) => readListed(reads, ids),
    readRecipients: (userId, kind) => readRecipients(reads, userId, kind),
    readDisplayNames: (ids) => readDisplayNames(reads, ids),
    roleNames: createRoleNames(reads),
    readDirectoryNames: (kind, ids) => readDirectoryNames(reads, kind, ids),
    readDirectoryAudits: (query) => readDirectoryAudits(reports, query),
    listSubscriptions: () => listSubscriptions(reads),
    createSubscription: (wanted) => createSubscription(changes, wanted),
    renewSubscription: (id, expiresAt) => renewSubscription(changes, id, expiresAt),
    deleteSubscription: (id) => deleteSubscription(changes, id),
    ownTenant: () => ownTenant(credential, scope),
  };
}
