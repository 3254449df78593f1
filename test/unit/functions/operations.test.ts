import { expect, test } from "vitest";
import { registerOperations } from "../../../functions/operations.ts";
import type { App } from "../../../shared/app.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { anOperator } from "../../fixtures/operators.ts";
import { declared, fakeApp, fakeHost, invocation, request } from "./fakes.ts";

const stop = { action: "stop" };
const reason = JSON.stringify({ reason: "a drill" });

const allow: App["authorize"] = async () => ({ allowed: true, operator: anOperator });

async function answer(
  params: Record<string, string>,
  body: string,
  operate?: App["operate"],
  authorize: App["authorize"] = allow,
) {
  const { host, http } = fakeHost();
  registerOperations(host, fakeApp({ authorize, ...(operate === undefined ? {} : { operate }) }));
  const { methods, authLevel, route, handler } = declared(http, "operations");
  expect({ methods, authLevel, route }).toEqual({
    methods: ["POST"],
    authLevel: "function",
    route: "operations/{action}",
  });
  return handler(request("POST", params, body), invocation());
}

test.each([
  [401, "NO_TOKEN", { "WWW-Authenticate": "Bearer" }],
  [403, "MISSING_ROLE", {}],
] as const)("a caller who is no operator gets %i, and nothing is read or done", async (status, error, headers) => {
  const asked: unknown[] = [];
  const refuse: App["authorize"] = async (_, needed) => {
    asked.push(needed);
    return { allowed: false, refusal: { status, error, problems: ["why"] } };
  };
  for (const action of ["stop", "review", "explode"]) {
    expect(await answer({ action }, "not JSON", undefined, refuse)).toEqual({
      status,
      jsonBody: { error, problems: ["why"] },
      headers: { "Cache-Control": "no-store", ...headers },
    });
  }
  expect(asked).toEqual(["Cutoff.Operate", "Cutoff.Read", "Cutoff.Operate"]);
});

test("an action that does not exist is answered with those that do, and nothing is done", async () => {
  expect(await answer({ action: "explode" }, reason)).toMatchObject({
    status: 404,
    jsonBody: { error: "UNKNOWN_ACTION", actions: expect.arrayContaining(["stop", "resume", "release", "redrive"]) },
  });
  expect(await answer({}, reason)).toMatchObject({ status: 404 });
});

test("an order without its reason is refused with what is wrong, and nothing is done", async () => {
  expect(await answer(stop, "{}")).toMatchObject({
    status: 400,
    jsonBody: { error: "BAD_OPERATION", problems: [expect.stringContaining("reason")] },
  });
});

test("an order is carried out, and its result is the answer", async () => {
  const orders: unknown[] = [];
  const result = { operationId: "1", action: "stop", principals: 0, note: null } as const;
  const operate = async (operation: unknown, operator: unknown) => {
    orders.push({ operation, operator });
    return result;
  };
  expect(await answer(stop, reason, operate)).toEqual({ status: 200, jsonBody: result });
  expect(orders).toEqual([{ operation: { action: "stop", reason: "a drill" }, operator: anOperator }]);
});

test("storage that does not answer is 503 and asks for a repetition; a mistake of ours is the host's to know", async () => {
  const away = () => Promise.reject(new StorageUnavailableError("away"));
  expect(await answer(stop, reason, away)).toMatchObject({
    status: 503,
    jsonBody: { error: "STORAGE_UNAVAILABLE", problems: [expect.stringContaining("Repeat it")] },
  });
  await expect(answer(stop, reason, () => Promise.reject(new TypeError("oops")))).rejects.toThrow(TypeError);
});
