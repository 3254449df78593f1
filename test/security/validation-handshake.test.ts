import { describe, expect, test } from "vitest";
import { toResponse } from "../../functions/delivery.ts";
import { createReceiver, post } from "../fixtures/delivery.ts";

async function validate(validationToken: string) {
  const { notify, lifecycle } = await createReceiver();
  const answer = await notify(post("", { validationToken, contentType: "text/plain; charset=utf-8" }));
  expect(await lifecycle(post("", { validationToken }))).toEqual(answer);
  return answer;
}

test("a token of Graph's is echoed, decoded, as text that no browser makes more of", async () => {
  const token =
    "Validation: Testing client application reachability for subscription Request-Id: 522a8e7e-096a +%2B/=&ü";
  const answer = await validate(token);
  expect(answer).toEqual({ status: 200, text: token });
  expect(toResponse(answer)).toEqual({
    status: 200,
    body: token,
    headers: { "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff" },
  });
});

describe("is refused without a reason", () => {
  test.each([
    ["HTML", "<script>alert(1)</script>"],
    ["half a tag", "a<b"],
    ["the end of a tag", "a>b"],
    ["1 MB", "x".repeat(1_000_000)],
    ["2,049 characters", "x".repeat(2049)],
    ["nothing", ""],
    ["a line break", "a\r\nSet-Cookie: b"],
    ["half a character", "a\ud800b"],
    ["a zero", "a\u0000b"],
  ])("a validation token with %s", async (_, token) => {
    const answer = await validate(token);
    expect(answer).toEqual({ status: 400 });
    expect(toResponse(answer)).toEqual({ status: 400 });
  });
});
