import { randomUUID } from "node:crypto";
import { endpointsAt } from "../../../shared/notifications/create-and-renew.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";

const check = "endpoint";

/** Graph gives a validation ten seconds, and a first delivery three (Graph docs: change notifications delivery by webhooks). */
const longest = 10_000;
const deliveryDeadline = 3000;

/**
 * Checks the two addresses that Graph sends to from outside: name, TLS certificate, and the answer to a validation like Graph's. A network that lets
 * this machine in may still refuse Graph: only a delivery proves that it does not.
 */
export const checkEndpoint: Check = async ({ settings, subscriptionsOff, clock }) => {
  if (subscriptionsOff)
    return [good(check, "GRAPH_SUBSCRIPTIONS is off: Graph sends nothing, and nothing from outside is needed")];
  if (settings.subscriptions === null) return [noAddress];
  const { notificationUrl, lifecycleUrl } = endpointsAt(settings.subscriptions.baseUrl);
  const findings: Finding[] = [];
  for (const url of [notificationUrl, lifecycleUrl]) {
    const { isReached, ...finding } = await validate(url, () => clock.monotonic());
    findings.push(finding);
    // The other address is at the same host, and would fail for the same cause.
    if (!isReached) break;
  }
  return findings;
};

const noAddress: Finding = {
  check,
  state: "warning",
  what: "Graph has no address to send to: neither NOTIFICATION_BASE_URL nor WEBSITE_HOSTNAME is among these settings.",
  why: "Ends that nobody announced are then found by polling and the audit log alone.",
  fix: "NOTIFICATION_BASE_URL=https://APP.azurewebsites.net   # or GRAPH_SUBSCRIPTIONS=off, if that is meant",
};

/** The usual cause of a wrong answer, by its status. */
const causes: Readonly<Record<number, string>> = {
  401: "App Service authentication is on: az webapp auth update --name APP --resource-group GROUP --enabled false",
  403: "Access restrictions keep the internet out: az functionapp config access-restriction show --name APP --resource-group GROUP",
  404: "The app has no such function: is this its address, is the package deployed, are its settings good? curl -i https://APP/api/live",
  503: "The app's settings are bad, or it does not start: curl -i https://APP/api/live",
};

interface Validated extends Finding {
  readonly isReached: boolean;
}

async function validate(url: string, monotonic: () => number): Promise<Validated> {
  try {
    return { ...(await judgeAnswer(url, monotonic)), isReached: true };
  } catch (error) {
    return { ...unreachable(url, error), isReached: false };
  }
}

async function judgeAnswer(url: string, monotonic: () => number): Promise<Finding> {
  // An endpoint that does not decode these characters, or decodes them twice, changes them.
  const token = `Validation: doctor ${randomUUID()} +%2B/=&ü`;
  const startedAt = monotonic();
  const response = await fetch(`${url}?validationToken=${encodeURIComponent(token)}`, {
    method: "POST",
    redirect: "manual",
    signal: AbortSignal.timeout(longest),
  });
  const text = await response.text();
  const took = Math.round(monotonic() - startedAt);
  if (response.status !== 200) {
    const cause = causes[response.status] ?? "Something before the app answers: a proxy, a gateway, a firewall";
    return broken(`${url} answers a validation with ${response.status} instead of 200.`, cause);
  }
  const isText = /^text\/plain\s*(;|$)/i.test(response.headers.get("content-type") ?? "");
  if (!isText || text !== token) {
    return broken(
      `${url} does not give the validation token back as it is, as text/plain.`,
      "Something before the app changes the answer, or another app answers",
    );
  }
  if (took > deliveryDeadline) return slow(url, took);
  return good(
    check,
    `${url} is reached from here${url.startsWith("https:") ? ", its certificate is good," : ""} and answers a validation in ${took} ms`,
  );
}

const broken = (what: string, fix: string): Finding => ({
  check,
  state: "bad",
  what,
  why: "Graph creates no subscription for an address that fails its validation, so it reports nothing.",
  fix,
});

const slow = (url: string, took: number): Finding => ({
  check,
  state: "warning",
  what: `${url} took ${took} ms to answer.`,
  why: "Graph gives a delivery three seconds, and an endpoint that is often slower gets notifications late or not at all.",
  fix: "Keep an instance ready: alwaysReady for the group http in infra/app/function-app.bicep",
});

/** Causes by the code of the system's or of TLS's error; a time-out has a name instead of a code. */
function unreachable(url: string, error: unknown): Finding {
  const code = codeOf(error);
  const { host } = new URL(url);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return broken(`${host} has no address in the DNS (${code}).`, `Check NOTIFICATION_BASE_URL: nslookup ${host}`);
  }
  if (/CERT|SSL|TLS|EPROTO|ISSUER|SIGNATURE/.test(code)) {
    return broken(
      `${host} has no good TLS certificate, or does not speak TLS (${code}).`,
      `Graph takes a certificate from a public authority only: openssl s_client -connect ${host.includes(":") ? host : `${host}:443`} -servername ${host.split(":")[0]}`,
    );
  }
  return broken(
    `${url} does not answer from here (${code}).`,
    `Is the app running, and may the internet reach it? curl -i -X POST '${url}?validationToken=doctor'`,
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause } = error;
  if (typeof cause === "object" && cause !== null && "code" in cause) return String(cause.code);
  return error.name;
}
