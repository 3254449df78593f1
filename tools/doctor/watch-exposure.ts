import type { Clock } from "../../shared/base/clock.ts";
import type { Fetch } from "../../shared/graph/send.ts";

/** One client's access token, requested once: this token outlives the role, not the next one. */
export interface ExposedToken {
  /** E.g. `CAE client`. */
  readonly client: string;
  /** A secret: never logged. */
  readonly token: string;
  readonly expiresAt: number;
}

/** A harmless read that needs the role. */
export interface Target {
  readonly name: string;
  readonly url: string;
}

interface Refusal {
  readonly at: number;
  readonly status: number;
  /** `error.code` of the answer, or the error of its challenge, e.g. `insufficient_claims`. */
  readonly code: string;
  readonly requestId: string | null;
}

/** How long one resource accepted one token. Times are this machine's, epoch milliseconds. */
export interface Exposure {
  readonly client: string;
  readonly target: string;
  readonly lastSuccess: number | null;
  readonly firstRefusal: Refusal | null;
  /** True when the token expired without being refused: it was exposed for its whole life. */
  readonly livedOut: boolean;
}

interface ExposureWatch {
  readonly tokens: readonly ExposedToken[];
  readonly targets: readonly Target[];
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Milliseconds between two reads with one token. At most a few seconds: it is the error of the result. */
  readonly every: number;
  /** Epoch milliseconds at which to stop in any case. */
  readonly until: number;
  readonly progress?: (exposure: Exposure) => void;
}

/**
 * Reads every few seconds with each token at each resource until the token is refused, has expired, or the time is up. A read that fails otherwise
 * (throttled, 5xx, no answer) says nothing and is repeated.
 */
export async function watchExposure(watch: ExposureWatch): Promise<readonly Exposure[]> {
  const pairs = watch.tokens.flatMap((token) => watch.targets.map((target) => ({ token, target })));
  return Promise.all(pairs.map(({ token, target }) => follow(token, target, watch)));
}

async function follow(token: ExposedToken, target: Target, watch: ExposureWatch): Promise<Exposure> {
  const { clock, every, until, progress } = watch;
  let exposure: Exposure = {
    client: token.client,
    target: target.name,
    lastSuccess: null,
    firstRefusal: null,
    livedOut: false,
  };
  while (clock.now() < until && exposure.firstRefusal === null && !exposure.livedOut) {
    if (clock.now() >= token.expiresAt) exposure = { ...exposure, livedOut: true };
    else {
      const seen = await read(token.token, target.url, watch);
      if (seen === "success") exposure = { ...exposure, lastSuccess: clock.now() };
      else if (seen !== "nothing") exposure = { ...exposure, firstRefusal: { ...seen, at: clock.now() } };
    }
    progress?.(exposure);
    if (exposure.firstRefusal === null && !exposure.livedOut) await clock.sleep(every);
  }
  return exposure;
}

async function read(
  token: string,
  url: string,
  { fetch }: ExposureWatch,
): Promise<"success" | "nothing" | Omit<Refusal, "at">> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, redirect: "error" });
    body = await response.text();
  } catch {
    // A missing answer says nothing about the token.
    return "nothing";
  }
  const { status, headers } = response;
  if (status >= 200 && status < 300) return "success";
  if (status !== 401 && status !== 403) return "nothing";
  const challenge = /\berror="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1];
  const code = challenge ?? /"code"\s*:\s*"([^"]+)"/.exec(body)?.[1] ?? "no code";
  return { status, code, requestId: headers.get("request-id") ?? headers.get("x-ms-request-id") };
}
