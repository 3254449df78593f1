import { createServer, type RequestListener } from "node:http";
import { startReceivers } from "../../../local/receivers/start-receivers.ts";

export interface BenchChannels extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>;
  /** Resolves once a receiver has taken a message and another one holds one back: people are notified some seconds after an end. */
  readonly notified: Promise<unknown>;
  /** Messages so far: those that were taken, and those whose receiver never answers. */
  asked(): { readonly taken: number; readonly hanging: number };
}

/** Nobody is notified. */
export const noChannels: BenchChannels = {
  settings: {},
  notified: Promise.resolve(),
  asked: () => ({ taken: 0, hanging: 0 }),
  [Symbol.asyncDispose]: async () => undefined,
};

/**
 * Five channels, three whose receivers answer and two whose receivers take every message and never answer. Two of the five are systems, of which one hangs:
 * these get each end by itself.
 */
export async function openChannels(): Promise<BenchChannels> {
  const counts = { taken: 0, hanging: 0 };
  const first = { taken: Promise.withResolvers<void>(), hanging: Promise.withResolvers<void>() };
  const count = (what: keyof typeof counts) => {
    counts[what] += 1;
    first[what].resolve();
  };
  const receivers = await startReceivers(() => count("taken"));
  const taking = await serve((request, response) => {
    count("taken");
    request.resume();
    response.writeHead(204).end();
  });
  const hanging = await serve(() => count("hanging"));
  const NOTIFY_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  return {
    settings: {
      NOTIFY_1_FORMAT: "teams",
      NOTIFY_1_URL: receivers.teamsUrl,
      NOTIFY_2_FORMAT: "slack",
      NOTIFY_2_URL: receivers.slackUrl,
      NOTIFY_3_FORMAT: "standard",
      NOTIFY_3_URL: taking.url,
      NOTIFY_3_SECRET: NOTIFY_SECRET,
      NOTIFY_4_FORMAT: "teams",
      NOTIFY_4_URL: hanging.url,
      NOTIFY_5_FORMAT: "standard",
      NOTIFY_5_URL: hanging.url,
      NOTIFY_5_SECRET: NOTIFY_SECRET,
    },
    notified: Promise.all([first.taken.promise, first.hanging.promise]),
    asked: () => counts,
    async [Symbol.asyncDispose]() {
      taking.close();
      hanging.close();
      await receivers.close();
    },
  };
}

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver listens on no port.");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
