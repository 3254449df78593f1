import { once } from "node:events";
import { glob, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { saveSubscription } from "../../shared/notifications/subscription-record.ts";
import { sendCanary } from "../../tools/doctor/canary.ts";
import { createMemoryTable } from "../fixtures/memory-storage.ts";
import { aGroup, aSubscription } from "../fixtures/subscriptions.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("the canary's token follows no redirect, not even on the same host", async () => {
  const asked: string[] = [];
  let elapsed = 0;
  const server = createServer(({ url = "" }, answer) => {
    asked.push(url);
    answer.writeHead(url === "/thief" ? 204 : 307, { location: "/thief" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const state = createMemoryTable({ now: () => 0 });
  await saveSubscription(state, aSubscription());
  const graph = {
    cloud: "global" as const,
    baseUrl: `http://127.0.0.1:${address.port}`,
    scope: "scope",
    authority: "https://login.example",
  };
  const findings = await sendCanary({
    settings: { graph },
    credential: { getToken: async () => ({ token: "secret", expiresOnTimestamp: 0 }) },
    state,
    clock: {
      now: () => elapsed,
      monotonic: () => elapsed,
      async sleep(ms) {
        elapsed += ms;
      },
    },
    groupId: aGroup,
    userId: "0f0e0d0c-0b0a-4908-8706-050403020100",
  }).finally(() => server.close());
  expect(asked).toEqual([`/v1.0/groups/${aGroup}/members/$ref`]);
  expect(findings).toMatchObject([{ state: "bad", what: expect.stringContaining("307") }]);
});

test("every other fetch says what becomes of a redirect, too", async () => {
  const silent: string[] = [];
  const known = [
    // Its caller says it: `createSend`.
    "shared/graph/send.ts",
    // Its callers say it, ours and `jose`, and there is no token of ours.
    "shared/base/keys.ts",
    // In the operator's browser, to the page's own address.
    "shared/status/page-assets.ts",
  ];
  for await (const path of glob("{shared,functions,tools}/**/*.ts", { cwd: root })) {
    const source = await readFile(`${root}${path}`, "utf8");
    const calls = source.split(/\bfetch\(/).slice(1);
    const isSaid = (call: string) => /^[^;]*\bredirect: "(?:manual|error)"/.test(call);
    if (!known.includes(path) && !calls.filter((call) => /^(?:url|`|input|origin)/.test(call)).every(isSaid))
      silent.push(path);
  }
  expect(silent).toEqual([]);
  expect(await readFile(`${root}shared/graph/send.ts`, "utf8")).toContain('.option("redirect", "manual")');
});
