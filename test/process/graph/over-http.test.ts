import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGraph } from "../../../shared/graph/create-graph.ts";
import { GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import { credential, failureOf, JANE, testClock } from "../../unit/graph/harness.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server on the loopback interface, and how often something complete arrived there. */
let server: Server;
let arrived: string[];
let handle: Handler;

beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => {
    request.resume().once("end", () => {
      arrived.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      handle(request, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  if (!server.listening) return;
  server.close();
  await once(server, "close");
});

function portOf(listening: Server): number {
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("the server is not listening");
  return address.port;
}

function connect(timeout = 5_000, host = "127.0.0.1") {
  const baseUrl = `http://${host}:${portOf(server)}`;
  const timeouts = { read: timeout, revoke: timeout };
  const options = { credential: credential(), scope: "s", fetch, clock: testClock(), random: () => 0.5, timeouts };
  return { baseUrl, graph: createGraph({ ...options, baseUrl }) };
}

const REVOKE = `POST /v1.0/users/${JANE}/revokeSignInSessions Bearer secret-token`;

describe("over real HTTP", () => {
  it("reads and revokes", async () => {
    handle = (_, response) => response.setHeader("content-type", "application/json").end('{"value":[]}');
    const { graph } = connect();
    const { value, date } = await graph.listRoleInstances();
    expect(value).toEqual([]);
    expect(date % 1_000).toBe(0);
    await graph.revokeSignInSessions(JANE);
    expect(arrived).toEqual([
      "GET /v1.0/roleManagement/directory/roleAssignmentScheduleInstances Bearer secret-token",
      REVOKE,
    ]);
  });

  it("does not know what became of a revoke whose connection was dropped after it arrived", async () => {
    handle = (request) => request.socket.destroy();
    const error = await failureOf(connect().graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(arrived).toEqual([REVOKE]);
  });

  it("does not know what became of a revoke whose connection was dropped before it arrived", async () => {
    server.on("connection", (socket: Socket) => socket.resetAndDestroy());
    const error = await failureOf(connect().graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(arrived).toEqual([]);
  });

  it("does not know what became of a revoke on a kept connection that the server had closed", async () => {
    handle = (_, response) => response.end('{"value":[]}');
    const { graph } = connect();
    await graph.listRoleInstances();
    handle = (request) => request.socket.resetAndDestroy();
    expect(await failureOf(graph.revokeSignInSessions(JANE))).toBeInstanceOf(GraphUncertainError);
    expect(arrived.at(-1)).toBe(REVOKE);
  });

  it.each(["127.0.0.1", "localhost"])("knows that nothing left when nobody listens at %s", async (host) => {
    const { graph } = connect(5_000, host);
    server.close();
    await once(server, "close");
    const error = await failureOf(graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error).toMatchObject({ reason: "unavailable", code: "ECONNREFUSED" });
  });

  it("gives a hung revoke up without knowing what became of it", async () => {
    handle = () => {};
    const error = await failureOf(connect(500).graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(error.code).toBe("timeout");
    expect(arrived).toEqual([REVOKE]);
  });

  it("gives a hung read up after three tries", async () => {
    handle = () => {};
    const error = await failureOf(connect(500).graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error.code).toBe("timeout");
    expect(arrived).toHaveLength(3);
  });

  it("gives a read up whose body never ends", async () => {
    handle = (_, response) => response.write('{"value":[');
    const error = await failureOf(connect(500).graph.listRoleInstances());
    expect(error).toBeInstanceOf(GraphRetryableError);
    expect(error.code).toBe("timeout");
  });

  it("tries a read again whose body broke off", async () => {
    handle = (_, response) => {
      if (arrived.length > 1) response.end('{"value":[]}');
      else response.write('{"value":[', () => response.destroy());
    };
    expect((await connect().graph.listRoleInstances()).value).toEqual([]);
    expect(arrived).toHaveLength(2);
  });

  it("does not know what became of a revoke whose body never ends", async () => {
    handle = (_, response) => response.write("{");
    const error = await failureOf(connect(500).graph.revokeSignInSessions(JANE));
    expect(error).toBeInstanceOf(GraphUncertainError);
    expect(arrived).toEqual([REVOKE]);
  });

  it("does not carry the token along a redirect", async () => {
    const { baseUrl, graph } = connect();
    handle = (_, response) => response.writeHead(307, { location: `${baseUrl}/elsewhere` }).end();
    expect(await failureOf(graph.revokeSignInSessions(JANE))).toBeInstanceOf(GraphUncertainError);
    expect(await failureOf(graph.listRoleInstances())).toMatchObject({ status: 307 });
    expect(arrived.filter((line) => line.includes("elsewhere"))).toEqual([]);
  });
});
