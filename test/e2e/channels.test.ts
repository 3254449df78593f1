import { createServer } from "node:http";
import { describe, it } from "vitest";
import { startReceivers } from "../../local/receivers/start-receivers.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate, helpdeskAdministrator } from "./support/roles.ts";
import { createRoleGroup } from "./support/watched-group.ts";
import { eventually, openWorld } from "./support/world.ts";

/** A receiver that takes every message and never answers. */
async function startHanging() {
  let asked = 0;
  const server = createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver listens on no port.");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked: () => asked,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.concurrent("channels", () => {
  it("are notified by name, each in its format, while two others hang and no revoke waits", async ({ expect }) => {
    await using world = await openWorld("channels");
    using hanging = await startHanging();
    const receivers = await startReceivers();
    await world.startHost({
      NOTIFY_1_FORMAT: "teams",
      NOTIFY_1_URL: receivers.teamsUrl,
      NOTIFY_2_FORMAT: "slack",
      NOTIFY_2_URL: receivers.slackUrl,
      NOTIFY_3_FORMAT: "teams",
      NOTIFY_3_URL: hanging.url,
      NOTIFY_4_FORMAT: "slack",
      NOTIFY_4_URL: hanging.url,
      SHOW_JUSTIFICATION: "true",
      NOTIFY_5_FORMAT: "mail",
      NOTIFY_5_TO: "soc@contoso.example",
      NOTIFY_MAIL_ENDPOINT: receivers.mailEndpoint,
      NOTIFY_MAIL_SENDER: "DoNotReply@contoso.example",
    });
    const { id: userId } = await world.control.createUser({ name: "Jane <!channel> [x](https://evil.example)" });
    const form = { justification: "Mend <at>all</at> https://evil.example", ticketNumber: "INC0012345" };
    const { scheduleId } = await activate(world.control, { userId, form });
    await eventually(async () =>
      expect(new Set(receivers.received.map(({ to }) => to))).toEqual(new Set(["teams", "slack", "mail"])),
    );
    for (const { problems, text } of receivers.received) {
      expect(problems).toEqual([]);
      expect(text).toContain("Sign-in sessions revoked");
      expect(text).toContain(`Jane ‹!channel› (x)(https∶//evil․example) (${userId})`);
      expect(text).toContain("User Administrator");
      expect(text).toContain("Mend ‹at›all‹/at› https∶//evil․example");
      expect(text).toContain("INC0012345");
    }
    await eventually(async () => expect(hanging.asked()).toBeGreaterThan(1));
    const history = await world.calmHistory();
    const [cut = Number.NaN] = revokesOf(history, userId);
    expect(cut - goneAt(history, scheduleId)).toBeLessThanOrEqual(2000);
    await receivers.close();
  });

  it("that answer 410 are stopped and shown by health; alarms go to those that want them", async ({ expect }) => {
    await using world = await openWorld("channelgone");
    const receivers = await startReceivers();
    const gone = createServer((_, response) => response.writeHead(410).end());
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const address = gone.address();
    const port = address === null || typeof address === "string" ? 0 : address.port;
    const host = await world.startHost({
      NOTIFY_1_FORMAT: "slack",
      NOTIFY_1_URL: `http://127.0.0.1:${port}/`,
      NOTIFY_2_FORMAT: "teams",
      NOTIFY_2_URL: receivers.teamsUrl,
      NOTIFY_2_FILTER: "alarms",
    });
    const { userId } = await activate(world.control);
    await eventually(async () => {
      expect(await alarmsOf(host)).toContainEqual(
        expect.objectContaining({ event: "noticeParked", principalId: userId, code: "HTTP_410", channel: 1 }),
      );
    });
    await eventually(async () => {
      const recorded = receivers.received.map(({ text }) => text).join();
      expect(recorded).toContain("channelStopped");
      expect(recorded).toContain("noticeParked");
    });
    expect(await readHealth(host)).toMatchObject({ stoppedChannels: [1], undelivered: 1 });
    await receivers.close();
    gone.close();
  });

  it("notify the person by mail before and after the end, and nobody whom the settings spare", async ({ expect }) => {
    await using world = await openWorld("personmailed");
    const receivers = await startReceivers();
    const spared = await world.control.createUser({ name: "Spared", mail: "spared@contoso.example" });
    // A group that holds a role for good and a member for a while, and one whose own role ends.
    const omar = await world.control.createUser({ name: "Omar", mail: "omar@contoso.example" });
    const { groupId } = await createRoleGroup(world, 0);
    await world.control.startGroupAccess({ groupId, principalId: omar.id, durationSeconds: 150 });
    const rosa = await world.control.createUser({ name: "Rosa", mail: "rosa@contoso.example" });
    const other = await world.control.createGroup({ name: "Helpers", isAssignableToRole: true });
    await world.control.addMember(other.id, rosa.id);
    const role = { principalId: other.id, roleDefinitionId: helpdeskAdministrator, directoryScopeId: "/" };
    await world.control.assign({ ...role, durationSeconds: 150 });
    await world.startHost({
      NOTIFY_PERSON: "beforeAndAfter",
      NOTIFY_PERSON_MINUTES: "2",
      NOTIFY_MAIL_ENDPOINT: receivers.mailEndpoint,
      NOTIFY_MAIL_SENDER: "DoNotReply@contoso.example",
      EXCLUDED_PRINCIPALS: spared.id,
    });
    const { id: userId } = await world.control.createUser({ name: "Jane", mail: "jane@contoso.example" });
    await activate(world.control, { userId });
    await activate(world.control, { userId: spared.id });
    const later = await world.control.createUser({ name: "Later", mail: "later@contoso.example" });
    await activate(world.control, { userId: later.id, seconds: 135 });
    await world.closed(spared.id);
    await eventually(async () => expect(receivers.received.length).toBeGreaterThan(3));
    const mails = receivers.received.map(({ text }) => text);
    expect(receivers.received.flatMap(({ problems }) => problems)).toEqual([]);
    expect(mails.filter((text) => text.includes("jane@"))).toHaveLength(1);
    expect(mails.find((text) => text.includes("jane@"))).toContain('Your privilege \\"User Administrator\\" expired');
    expect(mails.find((text) => text.includes("later@"))).toContain("Your privilege ends in 2 minutes");
    expect(mails.find((text) => text.includes("omar@"))).toContain('Your privilege \\"User Administrator\\" ends in 2');
    expect(mails.find((text) => text.includes("rosa@"))).toContain(
      'Your privilege \\"Helpdesk Administrator\\" ends in 2',
    );
    expect(mails).toHaveLength(4);
    expect(mails.join()).not.toContain("spared@");
    await receivers.close();
  });
});
