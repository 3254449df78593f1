import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { checkMail } from "./check-mail.ts";
import { checkSlack } from "./check-slack.ts";
import { checkTeams } from "./check-teams.ts";

export interface Received {
  readonly to: "teams" | "slack" | "mail";
  readonly text: string;
  /** Why a real receiver would not have taken it; empty when it would. */
  readonly problems: readonly string[];
}

/** A Teams workflow, an incoming webhook of Slack and a service for mails on this machine: they check what they get as the real ones do, and answer like them. */
export interface Receivers {
  readonly teamsUrl: string;
  readonly slackUrl: string;
  /** Where mails are sent as to Azure Communication Services. */
  readonly mailEndpoint: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

const json = { "content-type": "application/json" };

const receivers = {
  "/teams": { to: "teams", check: checkTeams, taken: 202, refused: "InvalidRequestContent" },
  "/slack": { to: "slack", check: checkSlack, taken: 200, refused: "invalid_blocks" },
} as const;

export async function startReceivers(onReceived: (message: Received) => void = () => undefined): Promise<Receivers> {
  const received: Received[] = [];
  let origin = "";

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const mail = new URL(request.url ?? "/", "http://127.0.0.1");
    if (mail.pathname === "/emails:send") {
      const message = { to: "mail" as const, text, problems: checkMail(text) };
      received.push(message);
      onReceived(message);
      const id = request.headers["operation-id"];
      if (message.problems.length > 0 || typeof id !== "string" || request.headers.authorization === undefined) {
        response.writeHead(400, json).end(JSON.stringify({ error: { code: "BadRequest", message: "" } }));
        return;
      }
      const operation = `${origin}/emails/operations/${id}${mail.search}`;
      response
        .writeHead(202, { ...json, "operation-location": operation })
        .end(JSON.stringify({ id, status: "Running" }));
      return;
    }
    if (mail.pathname.startsWith("/emails/operations/")) {
      const id = mail.pathname.split("/").at(-1);
      response.writeHead(200, json).end(JSON.stringify({ id, status: "Succeeded" }));
      return;
    }
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
  origin = `http://127.0.0.1:${address.port}`;
  return {
    teamsUrl: `${origin}/teams`,
    slackUrl: `${origin}/slack`,
    mailEndpoint: origin,
    received,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
