import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Stack } from "../../../local/stack/start-stack.ts";
import type { Chapter } from "../../../local/story/chapter.ts";
import { tell, toStory } from "../../../local/story/tell.ts";
import { createTenantClient } from "../../../local/tenant/client.ts";

const stop = async () => {};
const url = "http://127.0.0.1:1";
const stack: Stack = {
  tenant: {
    url,
    tenantId: "",
    control: createTenantClient(url),
    identity: { IDENTITY_ENDPOINT: "", IDENTITY_HEADER: "" },
    operators: { OPERATORS_AUDIENCE: "", AZURE_TENANT_ID: "" },
    stop,
  },
  azurite: {
    connectionString: "",
    blobUrl: url,
    queueUrl: url,
    tableUrl: url,
    pid: 0,
    connectionStringOf: () => "",
    stop,
    kill: stop,
  },
  host: { url, masterKey: "", functionKey: "", pid: 0, stop, kill: stop },
  stop,
};

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
  const told = await tell([chapter("first"), chapter("second")], stack);
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
