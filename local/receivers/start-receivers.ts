import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { checkSlack } from "./check-slack.ts";
import { checkTeams } from "./check-teams.ts";

export interface Received {
  readonly to: "teams" | "slack";
  readonly text: string;
  /** Why a real receiver would not have taken it; empty when it would. */
  readonly problems: readonly string[];
}

/** A Teams workflow and an incoming webhook of Slack on this machine: they look at what they get as the real ones do, and answer like them. */
export interface Receivers {
  readonly teamsUrl: string;
  readonly slackUrl: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

const receivers = {
  "/teams": { to: "teams", check: checkTeams, taken: 202, refused: "InvalidRequestContent" },
  "/slack": { to: "slack", check: checkSlack, taken: 200, refused: "invalid_blocks" },
} as const;

export async function startReceivers(onReceived: (message: Received) => void = () => undefined): Promise<Receivers> {
  const received: Received[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const path = request.url === "/teams" || request.url === "/slack" ? request.url : null;
    const isJson = /^application\/json\b/.test(request.headers["content-type"] ?? "");
    if (path === null || request.method !== "POST" || !isJson) {
      response.writeHead(404).end("no_service");
      return;
    }
    const { to, check, taken, refused } = receivers[path];
    const message = { to, text, problems: check(text) };
    received.push(message);
    onReceived(message);
    if (message.problems.length > 0) response.writeHead(400).end(refused);
    else response.writeHead(taken).end("ok");
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receivers listen on no port.");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    teamsUrl: `${origin}/teams`,
    slackUrl: `${origin}/slack`,
    received,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
