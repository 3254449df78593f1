/** A running trigger. */
export interface Listener {
  /** Takes no new work from now on; resolves when what was taken has run and is settled. */
  stop(): Promise<void>;
}
