/** Calls `attempt` until it succeeds once, and never again. Callers in between share one attempt; a failed one is not remembered. */
export function rememberSuccess(attempt: () => Promise<void>): () => Promise<void> {
  let shared: Promise<void> | undefined;
  return () => {
    shared ??= attempt().catch((error: unknown) => {
      shared = undefined;
      throw error;
    });
    return shared;
  };
}
