import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Chapter } from "../../../local/story/chapter.ts";
import { playChapters, toStory } from "../../../local/story/play-chapters.ts";
import { stack } from "./fake-stack.ts";

const happened: string[] = [];
const chapter = (name: string): Chapter => ({
  name,
  title: `Title of ${name}`,
  async prepare() {
    happened.push(`${name} prepared`);
    return async () => {
      happened.push(`${name} played`);
      return { facts: { fact: name }, promises: [{ text: `${name} ends well`, kept: true }] };
    };
  },
});

beforeEach(() => {
  happened.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void happened.push(line.trim()));
});
afterEach(() => vi.restoreAllMocks());

test("every scene is set before the first chapter is played; each has its facts and promises under its name", async () => {
  const played = await playChapters([chapter("first"), chapter("second")], stack.tenant);
  expect(happened).toEqual([
    "first prepared",
    "second prepared",
    "simulation Title of first",
    "first played",
    "simulation Title of second",
    "second played",
  ]);
  expect(toStory(played, true)).toEqual({
    simulation: true,
    responder: true,
    chapters: {
      first: { fact: "first", promises: [{ text: "first ends well", kept: true }] },
      second: { fact: "second", promises: [{ text: "second ends well", kept: true }] },
    },
  });
});
