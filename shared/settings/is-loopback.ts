const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a URL stays on this machine: only there may anything travel unencrypted. */
export const isLoopback = ({ hostname }: URL): boolean => loopback.has(hostname);
