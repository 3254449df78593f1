import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { chaptersWith } from "../../../local/story/chapters.ts";
import { plusCae } from "../../../local/story/clients.ts";
import { groupPromises } from "../../../local/story/group-facts.ts";
import { notifiedPromises } from "../../../local/story/notified-people.ts";
import { omarPromises } from "../../../local/story/omar-facts.ts";
import { withResponder } from "../../../local/story/promises.ts";
import { stack } from "../story/fake-stack.ts";

const story = await readFile(new URL("../../../docs/story.md", import.meta.url), "utf8");

test("the documented story is of this version: every chapter is in it, every promise listed and kept", () => {
  for (const { title } of chaptersWith(stack.receivers)) expect(story).toContain(`simulation ${title}\n`);
  const nothing = { removal: null, members: [], clients: [], revokesAccepted: [], refreshesRefused: [] };
  const unseen = { refusedBecause: null, canRefresh: null, othersRevoked: 0 };
  const nobody = { subscribed: null, removed: null, notified: null, status: null, ...unseen };
  const jane = { ...nothing, simulation: true, responder: true, endDateTime: "", roleEnd: null } as const;
  const promises = [
    ...withResponder({ ...jane, removedFromList: null, removedFromDirectory: null }),
    ...notifiedPromises({ card: null, mail: null, problems: [] }),
    ...groupPromises({ ...nothing, endDateTime: "" }),
    ...omarPromises({ ...nothing, ...nobody }),
  ];
  const listed = [...story.matchAll(/^ +kept +(.+)$/gm)].map((match) => match[1]);
  expect(listed).toEqual(promises.map(({ text }) => text));
  expect(story).not.toContain("BROKEN");
  expect(story).toContain(`  ${promises.length} of ${promises.length} promises kept.\n`);
  expect(story).toContain(`, ${plusCae}\n`);
});
