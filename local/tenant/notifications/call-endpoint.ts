/** What the app's endpoint did with a request. */
export interface EndpointAnswer {
  /** 0 when there was none. */
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly problem: "timeout" | "unreachable" | null;
  /** Real milliseconds. */
  readonly tookMs: number;
}

/** Sends a POST to the app and waits at most `withinMs` real milliseconds for the whole answer. Never rejects. */
export async function callEndpoint(
  url: string,
  request: { contentType: string; body: string; withinMs: number; signal: AbortSignal },
): Promise<EndpointAnswer> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(request.withinMs);
  const none = { status: 0, contentType: "", text: "" };
  const took = () => performance.now() - startedAt;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": request.contentType },
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([deadline, request.signal]),
    });
    const text = await response.text();
    const contentType = response.headers.get("content-type") ?? "";
    return { status: response.status, contentType, text, problem: null, tookMs: took() };
  } catch {
    if (!deadline.aborted) return { ...none, problem: "unreachable", tookMs: took() };
    // A timer may ring a fraction early; whoever let the deadline pass was at least that slow.
    return { ...none, problem: "timeout", tookMs: Math.max(took(), request.withinMs) };
  }
}
