/** The tenant's own time. Every date it states, and every timer of PIM, replication and quotas, runs on it. */
export interface TenantClock {
  /** Epoch milliseconds of the tenant, with a fraction. Inside a timer it is exactly the moment the timer was due. */
  now(): number;
  readonly scale: number;
  /** Runs everything that is due. Call it before reading state, so that a late event loop cannot show the past. */
  settle(): void;
  /** Runs `action` at the tenant's `time`; a time already past means now. */
  at(time: number, action: () => void): void;
  /** Changes the speed from here on, without a jump. 0 stops time, so that only `jump` moves it. */
  setScale(scale: number): void;
  /** Moves time forward, running every timer on the way at its own moment. */
  jump(milliseconds: number): void;
  stop(): void;
}

interface Timer {
  readonly time: number;
  readonly action: () => void;
}

const longestDelayMs = 2_000_000_000; // setTimeout holds a signed 32-bit number

/** Starts a clock at `epoch` (default: this machine's time) that runs `scale` times as fast as real time. */
export function createTenantClock(options: { epoch?: number; scale?: number } = {}): TenantClock {
  let tenantAnchor = options.epoch ?? Date.now();
  let realAnchor = performance.now();
  let scale = options.scale ?? 1;
  let insideTimer: number | undefined;
  let alarm: NodeJS.Timeout | undefined;
  let stopped = false;
  const timers: Timer[] = [];

  const flowing = () => tenantAnchor + (performance.now() - realAnchor) * scale;
  const anchorAt = (time: number) => {
    tenantAnchor = time;
    realAnchor = performance.now();
  };

  const runUntil = (limit: number) => {
    for (let due = timers[0]; due !== undefined && due.time <= limit; due = timers[0]) {
      timers.shift();
      insideTimer = due.time;
      try {
        due.action();
      } finally {
        insideTimer = undefined;
      }
    }
  };

  const arm = () => {
    clearTimeout(alarm);
    const first = timers[0];
    if (first === undefined || scale === 0 || stopped) return;
    alarm = setTimeout(settle, Math.min(longestDelayMs, Math.max(0, Math.ceil((first.time - flowing()) / scale))));
  };

  const settle = () => {
    if (insideTimer !== undefined || stopped) return;
    runUntil(flowing());
    arm();
  };

  const now = () => insideTimer ?? flowing();

  return {
    now,
    get scale() {
      return scale;
    },
    settle,
    at(time, action) {
      const timer = { time: Math.max(time, now()), action };
      const after = timers.findIndex((other) => other.time > timer.time);
      timers.splice(after === -1 ? timers.length : after, 0, timer);
      if (insideTimer === undefined) arm();
    },
    setScale(next) {
      settle();
      anchorAt(flowing());
      scale = next;
      arm();
    },
    jump(milliseconds) {
      const target = flowing() + milliseconds;
      runUntil(target);
      anchorAt(target);
      arm();
    },
    stop() {
      stopped = true;
      clearTimeout(alarm);
    },
  };
}
