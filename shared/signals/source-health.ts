/**
 * How it stands with a source of signals. `proven`: something has arrived; `unproven`: nothing yet, which may be a quiet tenant or a source
 * that is not connected; `unsupported`: there is no such thing in this cloud; `failing`: it should work and does not.
 */
export interface SourceHealth {
  readonly state: "proven" | "unproven" | "unsupported" | "failing";
  /** ISO time of the newest sign of life; null = never. */
  readonly lastAt: string | null;
  /** A code that tells more. */
  readonly detail: string | null;
}

/** By the name of the function that it comes in through. Each reads stored state alone. */
export type SourceReaders = Readonly<Record<string, () => Promise<SourceHealth>>>;
