import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Chapter } from "../../../local/story/chapter.ts";
import { tell, toStory } from "../../../local/story/tell.ts";
import { stack } from "./fake-stack.ts";

const happened: string[] = [];
const chapter = (name: string): Chapter => ({
  name,
  title: `Title of ${name}`,
  async prepare() {
    happened.push(`${name} prepared`);
    return async () => {
      happened.push(`${name} told`);
      return { facts: { fact: name }, promises: [{ text: `${name} ends well`, kept: true }] };
    };
  },
});

beforeEach(() => {
  happened.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void happened.push(line.trim()));
});
afterEach(() => vi.restoreAllMocks());

test("every scene is set before the first chapter is told; each has its facts and promises under its name", async () => {
  const told = await tell([chapter("first"), chapter("second")], stack.tenant);
  expect(happened).toEqual([
    "first prepared",
    "second prepared",
    "simulation Title of first",
    "first told",
    "simulation Title of second",
    "second told",
  ]);
  expect(toStory(told, true)).toEqual({
    simulation: true,
    responder: true,
    chapters: {
      first: { fact: "first", promises: [{ text: "first ends well", kept: true }] },
      second: { fact: "second", promises: [{ text: "second ends well", kept: true }] },
    },
  });
});
