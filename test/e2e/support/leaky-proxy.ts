import { canaries } from "../../fixtures/canaries.ts";
import { type RunningProxy, startProxy } from "./proxy.ts";

export interface LeakyProxy extends RunningProxy {
  /** How often each endpoint, its ids left out, was answered with canaries. */
  readonly leaked: ReadonlyMap<string, number>;
}

/** An answer of Graph's kind that says everything that nobody may learn, in every place of it. */
const body = JSON.stringify({
  error: {
    code: canaries.token,
    message: `${canaries.name} with ${canaries.mail}: Bearer ${canaries.token}, ${canaries.clientState}, ${canaries.json}`,
    innerError: { "request-id": canaries.mail, userPrincipalName: canaries.mail, body: canaries.json },
  },
  error_description: `${canaries.name} ${canaries.token} ${canaries.connectionString}`,
  [canaries.name]: canaries,
});

const headers = {
  "Content-Type": "application/json",
  "request-id": canaries.mail,
  "client-request-id": canaries.clientState,
  "x-ms-throttle-limit-percentage": canaries.clientState,
  "WWW-Authenticate": `Bearer realm="${canaries.mail}", token="${canaries.token}"`,
};

/** An audit log of which the first row is none, with canaries for names of its fields and in each of them. */
const brokenRows = JSON.stringify({
  value: [{ id: canaries.mail, activityDisplayName: "", [canaries.name]: canaries, targetResources: [canaries] }],
});

const endpointOf = (method: string, url: string): string =>
  `${method} ${url.split("?")[0]?.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}")}`;

/** A proxy of which the first calls of every endpoint are answered with these statuses and with canaries, later ones as the tenant answers. */
export async function startLeakyProxy(
  tenantUrl: string,
  statusesOf: (endpoint: string) => readonly number[],
): Promise<LeakyProxy> {
  const leaked = new Map<string, number>();
  const proxy = await startProxy(tenantUrl, ({ method, url }, response) => {
    const endpoint = endpointOf(method, url);
    const count = leaked.get(endpoint) ?? 0;
    const status = statusesOf(endpoint)[count];
    if (status === undefined) return false;
    leaked.set(endpoint, count + 1);
    const isLog = status === 200 && endpoint.endsWith("/directoryAudits");
    response.writeHead(status, { ...headers, Date: new Date().toUTCString() }).end(isLog ? brokenRows : body);
    return true;
  });
  return { ...proxy, leaked };
}
