import { DeviceCodeCredential } from "@azure/identity";
import { systemClock } from "../../shared/base/clock.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { type ExposedToken, type Exposure, type Target, watchExposure } from "./watch-exposure.ts";

interface ExposureOptions {
  readonly graph: Settings["graph"];
  readonly tenantId: string;
  /** A public client application of the tenant that allows device code flow. */
  readonly clientId: string;
  /** Harmless reads that need the role, besides the default read of Microsoft Graph. */
  readonly urls: readonly string[];
  readonly minutes: number;
  /** Shows a person what to do now, and what was seen. Never a token. */
  readonly say: (line: string) => void;
}

/** Two clients of the same user. They differ in one thing: whether they declare that they understand claims challenges (`cp1`). */
const clients = [
  { name: "CAE client", enableCae: true },
  { name: "client without CAE", enableCae: false },
] as const;

const every = 5000;

/**
 * Measures in the operator's own tenant the reason for this app: how long does a token outlive a role? Signed in as a test user with an activated role, reads
 * every five seconds across the role's end. Run it with and without the responder, and compare.
 */
export async function proveExposure(options: ExposureOptions): Promise<readonly Exposure[]> {
  const { graph, urls, minutes, say } = options;
  const targets = [`${graph.baseUrl}/v1.0/roleManagement/directory/roleAssignments?$top=1`, ...urls].map(toTarget);
  const scopes = [...new Set(targets.map(({ url }) => `${new URL(url).origin}/.default`))];
  const exposures = [];
  for (const scope of scopes) {
    const tokens = [];
    for (const client of clients) tokens.push(await signIn(client, scope, options));
    const ofScope = targets.filter(({ url }) => scope.startsWith(new URL(url).origin));
    exposures.push({ tokens, targets: ofScope });
  }
  say(`Now let the role end. Reading every ${every / 1000} s for at most ${minutes} minutes ...`);
  const until = Date.now() + minutes * 60_000;
  const shared = { fetch: globalThis.fetch, clock: systemClock, every, until };
  const found = await Promise.all(exposures.map((part) => watchExposure({ ...part, ...shared })));
  return found.flat();
}

const toTarget = (url: string): Target => ({ name: `${new URL(url).hostname}${new URL(url).pathname}`, url });

async function signIn(
  { name, enableCae }: (typeof clients)[number],
  scope: string,
  { graph, tenantId, clientId, say }: ExposureOptions,
): Promise<ExposedToken> {
  const credential = new DeviceCodeCredential({
    authorityHost: graph.authority,
    tenantId,
    clientId,
    userPromptCallback: ({ message }) => say(`As ${name}, for ${scope}: ${message}`),
  });
  const { token, expiresOnTimestamp } = await credential.getToken(scope, { enableCae });
  return { client: name, token, expiresAt: expiresOnTimestamp };
}
