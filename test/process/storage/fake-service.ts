import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connectStorage, type Storage } from "../../../shared/storage/connect.ts";

export interface FakeService {
  readonly storage: Storage;
  /** `METHOD path` of every request. */
  readonly requests: string[];
  /** How the service answers whatever is not the creation of a table or queue. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** How it answers the creation of a table or queue. */
  answerCreation: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

export const accountKey = Buffer.from("a key that must never be shown").toString("base64");

/** A loopback server that answers table and queue requests as a test prescribes: for answers that Azurite cannot be made to give. */
export async function startFakeService(): Promise<FakeService> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    request.resume().on("end", () => {
      const creation = request.method === "POST" ? request.url === "/account/Tables" : request.method === "PUT";
      (creation ? service.answerCreation : service.answer)(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The fake service has no port.");
  const url = `http://127.0.0.1:${address.port}/account`;
  const settings = { kind: "sharedKey", accountName: "account", accountKey, tableUrl: url, queueUrl: url } as const;

  const service: FakeService = {
    storage: connectStorage(settings, () => {
      throw new Error("A shared key needs no identity.");
    }),
    requests,
    answer: (_, response) => response.destroy(),
    answerCreation: (_, response) => response.writeHead(201).end(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return service;
}

/** The error answer of the table service. */
export function tableError(status: number, code: string): FakeService["answer"] {
  return (_, response) => {
    const body = { "odata.error": { code, message: { lang: "en-US", value: `${code}.` } } };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

/** The answer to an entity group transaction: 202 around the results of its operations. */
export function transactionResults(...results: readonly string[]): FakeService["answer"] {
  return (_, response) => {
    const parts = results.map((result) =>
      ["--changesetresponse_1", "Content-Type: application/http", "", `HTTP/1.1 ${result}`, "", ""].join("\r\n"),
    );
    const body = ["--batchresponse_1", "", ...parts, "--changesetresponse_1--", "--batchresponse_1--"].join("\r\n");
    response.writeHead(202, { "content-type": "multipart/mixed; boundary=batchresponse_1" }).end(body);
  };
}
