import { createServer } from "node:http";
import { startReceivers } from "../../../local/receivers/start-receivers.ts";

export interface BenchChannels extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>;
  /** Messages so far: those that were taken, and those whose receiver never answers. */
  asked(): { readonly taken: number; readonly hanging: number };
}

/** Nobody is told. */
export const noChannels: BenchChannels = {
  settings: {},
  asked: () => ({ taken: 0, hanging: 0 }),
  [Symbol.asyncDispose]: async () => undefined,
};

/** Five channels, three whose receivers answer and two whose receivers take every message and never answer. */
export async function openChannels(): Promise<BenchChannels> {
  const receivers = await startReceivers();
  let hangs = 0;
  const hanging = createServer(() => {
    hangs += 1;
  });
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  const address = hanging.address();
  if (address === null || typeof address === "string") throw new Error("The receiver listens on no port.");
  const url = `http://127.0.0.1:${address.port}/`;
  return {
    settings: {
      NOTIFY_1_FORMAT: "teams",
      NOTIFY_1_URL: receivers.teamsUrl,
      NOTIFY_2_FORMAT: "slack",
      NOTIFY_2_URL: receivers.slackUrl,
      NOTIFY_3_FORMAT: "teams",
      NOTIFY_3_URL: receivers.teamsUrl,
      NOTIFY_4_FORMAT: "teams",
      NOTIFY_4_URL: url,
      NOTIFY_5_FORMAT: "slack",
      NOTIFY_5_URL: url,
    },
    asked: () => ({ taken: receivers.received.length, hanging: hangs }),
    async [Symbol.asyncDispose]() {
      hanging.closeAllConnections();
      hanging.close();
      await receivers.close();
    },
  };
}
