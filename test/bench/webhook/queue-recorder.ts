// A worker thread: a proxy before the queue service that notes which message was persisted when. It changes nothing.
import { once } from "node:events";
import { Agent, createServer, request as send } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { monotonic, type Persisted } from "./judge.ts";

const target = z.url().parse(workerData);
const agent = new Agent({ keepAlive: true });
const guid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
let persisted: Persisted[] = [];

const server = createServer(async (incoming, response) => {
  const { method, url = "/", headers } = incoming;
  const body = await buffer(incoming);
  const startedAt = monotonic();
  try {
    const forwarded = send(new URL(url, target), { method, headers, agent }).end(body);
    const [answer] = await once(forwarded, "response");
    const endedAt = monotonic();
    if (method === "POST" && /\/messages(\?|$)/.test(url) && answer.statusCode === 201) {
      for (const id of idsIn(body.toString())) persisted.push({ id, startedAt, endedAt });
    }
    response.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer, response);
  } catch {
    response.destroy();
  }
});

/** The object ids in a message of Azure Queue Storage: XML around base64. */
function idsIn(xml: string): Set<string> {
  const text = /<MessageText>([^<]*)<\/MessageText>/.exec(xml)?.[1] ?? "";
  const message = Buffer.from(text, "base64").toString();
  return new Set(Array.from(message.matchAll(guid), ([id]) => id.toLowerCase()));
}

server.listen(0, "127.0.0.1", () => parentPort?.postMessage(server.address()));
parentPort?.on("message", () => {
  parentPort?.postMessage(persisted);
  persisted = [];
});
