import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../../local/stack/free-port.ts";

it("gives a port that the machine gives to no outgoing connection, and none twice", async () => {
  const given = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(given).size).toBe(20);
  // 32,768 is where Linux begins, 49,152 where macOS and Windows do.
  expect(Math.max(...given)).toBeLessThan(32_768);
  expect(Math.min(...given)).toBeGreaterThan(1024);
});

it("passes over what is taken, also where several in a row are wanted", async () => {
  let port = await freePort();
  // Not where the search begins anew.
  while (port > 31_900) port = await freePort();
  const servers = [port + 1, port + 3].map((taken) => createServer().listen(taken, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  expect(await freePort()).toBe(port + 2);
  expect(await freePort(2)).toBe(port + 5);
  for (const server of servers) server.close();
});
