import { once } from "node:events";
import { createServer, request } from "node:http";
import { gunzipSync } from "node:zlib";

/** One request that went through: which, and how long its body was, unpacked. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
}

export interface CountingProxy extends AsyncDisposable {
  readonly url: string;
  readonly passed: Passed[];
}

/** Passes everything on to `target`, and notes what it was. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const passed: Passed[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const bytes = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(body).length : body.length;
      passed.push({ method: incoming.method ?? "", path: incoming.url ?? "", bytes });
      const { method, headers } = incoming;
      const onward = request(new URL(incoming.url ?? "/", target), { method: method ?? "GET", headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      onward.end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
