import type { Change } from "./core-app.ts";

/** Whoever waits for a known end has nobody behind it. */
export const withoutStandby: Change = ({ signals, ...dependencies }) => ({
  ...dependencies,
  signals: {
    send: async (message, delay) => {
      if (typeof message !== "object" || message === null || !("standby" in message))
        await signals.send(message, delay);
    },
  },
});
