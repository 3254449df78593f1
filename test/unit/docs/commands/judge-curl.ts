import { parseArgs } from "node:util";
import { judgeCall } from "./judge-call.ts";

export interface CurlContext {
  /** Of a running simulated tenant, which gets what documents send to `$TENANT`. */
  readonly tenantUrl: string;
}

/** A call of the app is held against what the app declares; one of the simulated tenant is made. */
export async function judgeCurl(words: readonly string[], { tenantUrl }: CurlContext): Promise<readonly string[]> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      request: { type: "string", short: "X", default: "GET" },
      header: { type: "string", short: "H", multiple: true, default: [] },
      data: { type: "string", short: "d", default: "" },
      include: { type: "boolean", short: "i" },
    },
    allowPositionals: true,
  });
  const [url = "", ...more] = positionals;
  if (more.length > 0) return [`curl is given more than one address: ${positionals.join(" ")}`];
  const { request: method, header, data: body } = values;
  const ofApp = /^https:\/\/\$NOTIFICATION_HOST(\/api\/.*)$/.exec(url)?.[1];
  if (ofApp !== undefined) {
    const headers = header.map((line) => line.split(":")[0]?.toLowerCase() ?? "");
    return judgeCall({ method, path: ofApp, sent: { headers, body } });
  }
  const ofTenant = /^\$TENANT(\/simulator\/.*)$/.exec(url)?.[1];
  if (ofTenant === undefined) return [`curl ${url} is not classified`];
  const headers = header.map((line): [string, string] => {
    const [name = "", ...value] = line.split(":");
    return [name, value.join(":").trim()];
  });
  const answer = await fetch(`${tenantUrl}${ofTenant}`, { method, headers, ...(body === "" ? {} : { body }) });
  return answer.ok ? [] : [`the tenant answers ${method} ${ofTenant} with ${answer.status}: ${await answer.text()}`];
}
