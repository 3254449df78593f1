const WIDTH = 30;
/** Milliseconds between two drawings. */
const EVERY = 100;

interface Progress {
  advance(bytes: number): void;
  /** Removes the bar from the terminal. */
  clear(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * A progress bar on one line of a terminal; nothing anywhere else.
 * @param total bytes to come
 * @param monotonic milliseconds
 */
export function createProgress(total: number, terminal: Terminal, monotonic: () => number): Progress {
  if (!terminal.isTTY) return { advance: () => {}, clear: () => {} };
  let done = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    advance(bytes) {
      done += bytes;
      if (monotonic() - drawnAt < EVERY) return;
      drawnAt = monotonic();
      const share = Math.min(done / total, 1);
      const full = Math.round(share * WIDTH);
      const megabytes = (value: number) => (value / 1e6).toFixed(1);
      const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
      terminal.write(`\r${bar} ${Math.floor(share * 100)} %  ${megabytes(done)} of ${megabytes(total)} MB\x1b[K`);
    },
    clear: () => terminal.write("\r\x1b[K"),
  };
}
