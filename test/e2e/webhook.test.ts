import { createServer, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { describe, it } from "vitest";
import { z } from "zod";
import { alarmsOf } from "./support/alarms.ts";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

const secret = Buffer.alloc(32, 9).toString("base64");
const bodySchema = z.object({
  type: z.string(),
  data: z.looseObject({ principalId: z.string(), outcome: z.string(), accessTokensUntil: z.string().nullable() }),
});

interface Received {
  readonly path: string;
  readonly id: string;
  readonly body: z.infer<typeof bodySchema>;
}

/** A receiver on this machine that verifies every signature with another implementation, and answers as `answer` says. */
async function receive(answer: (response: ServerResponse, received: readonly Received[]) => void) {
  const received: Received[] = [];
  const forged: string[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      const body = bodySchema.parse(new Webhook(secret).verify(text, headers));
      received.push({ path: request.url ?? "", id: headers["webhook-id"] ?? "", body });
    } catch (error) {
      forged.push(String(error));
    }
    answer(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver listens on no port.");
  return {
    received,
    forged,
    settings: { NOTIFY_WEBHOOK_URL: `http://127.0.0.1:${address.port}/hook`, NOTIFY_WEBHOOK_SECRET: `whsec_${secret}` },
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.concurrent("a webhook", () => {
  it("gets each outcome under one id, signed, with what may outlive the revoke and no names", async ({ expect }) => {
    await using world = await openWorld("webhook");
    using receiver = await receive((response) => response.writeHead(204).end());
    const excluded = await world.control.createUser({ name: "Spared" });
    await world.startHost({ ...receiver.settings, EXCLUDED_PRINCIPALS: excluded.id });
    const { userId } = await activate(world.control);
    await activate(world.control, { userId: excluded.id });
    // Two passes that close the same end at once both report it: a receiver knows the second by its id (Standard Webhooks).
    const ids = () => new Set(receiver.received.map(({ id }) => id)).size;
    await eventually(async () => expect(ids()).toBe(2));
    await world.calmHistory();
    const recorded = receiver.received.map(({ body }) => body);
    expect(recorded).toContainEqual(
      expect.objectContaining({
        type: "outcome.revoked",
        data: expect.objectContaining({ principalId: userId, outcome: "revoked", verified: true }),
      }),
    );
    expect(recorded).toContainEqual(expect.objectContaining({ type: "outcome.excluded" }));
    const [cut] = revokesOf(await world.control.history(), userId);
    const until = recorded.find(({ data }) => data.principalId === userId)?.data.accessTokensUntil ?? "";
    expect(Math.abs(Date.parse(until) - 90 * 60_000 - (cut ?? Number.NaN))).toBeLessThanOrEqual(1000);
    expect(JSON.stringify(recorded)).not.toMatch(/Somebody|Spared|@/);
    expect(receiver.forged).toEqual([]);
    expect(ids()).toBe(2);
  });

  it("that hangs delays no revoke; after the host was killed the outcome is sent again, under the same id", async ({
    expect,
  }) => {
    await using world = await openWorld("webhookhangs");
    let hangs = true;
    using receiver = await receive((response) => {
      if (!hangs) response.writeHead(200).end();
    });
    const host = await world.startHost(receiver.settings);
    const first = await activate(world.control);
    await eventually(async () => expect(receiver.received).not.toEqual([]));
    const second = await activate(world.control);
    expect(await world.closed(second.userId)).toMatchObject([{ outcome: "revoked" }]);
    const history = await world.calmHistory();
    const [cut = Number.NaN] = revokesOf(history, second.userId);
    expect(cut - goneAt(history, second.scheduleId)).toBeLessThanOrEqual(2000);

    await host.kill();
    hangs = false;
    await world.startHost(receiver.settings);
    await eventually(async () => {
      const users = new Set(receiver.received.map(({ body }) => body.data.principalId));
      expect(users).toEqual(new Set([first.userId, second.userId]));
      expect(receiver.received.length).toBeGreaterThan(2);
    });
    const ids = receiver.received.filter(({ body }) => body.data.principalId === first.userId).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
  });

  it("that redirects or wants no more is not followed: the outcome is parked and raised", async ({ expect }) => {
    await using world = await openWorld("webhookgone");
    using receiver = await receive((response, received) => {
      if (received.length === 1) response.writeHead(307, { location: "/elsewhere" }).end();
      else response.writeHead(410).end();
    });
    const host = await world.startHost(receiver.settings);
    const { userId } = await activate(world.control);
    await eventually(async () => {
      expect(await alarmsOf(host)).toContainEqual(
        expect.objectContaining({ event: "noticeParked", principalId: userId, code: "HTTP_410" }),
      );
    });
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(["/hook"]));
  });
});
