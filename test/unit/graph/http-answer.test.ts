import { describe, expect, it } from "vitest";
import { answerDate, errorCode, readJson, retryAfter } from "../../../shared/graph/send.ts";
import { DATE, DATE_MS } from "./harness.ts";

const wait = (value: string) => new Headers({ "retry-after": value });

describe("answerDate", () => {
  it("reads an HTTP date", () => {
    expect(answerDate(new Headers({ date: DATE }))).toBe(DATE_MS);
  });

  it.each(["", "1", "2026-09-06T18:40:46Z", "Sun, 32 Sep 2026 18:40:46 GMT", `${DATE} or so`])(
    "does not guess at %j",
    (date) => {
      expect(answerDate(new Headers({ date }))).toBeUndefined();
    },
  );

  it("is undefined when there is none", () => {
    expect(answerDate(new Headers())).toBeUndefined();
  });
});

describe("retryAfter", () => {
  it.each([
    ["0", 0],
    ["10", 10_000],
    ["0.25", 250],
    ["1.0001", 1_001],
    ["Sun, 06 Sep 2026 18:40:56 GMT", 10_000],
    ["Sun, 06 Sep 2026 18:40:36 GMT", 0],
  ])("reads %s as %d ms", (value, ms) => {
    expect(retryAfter(wait(value), DATE_MS)).toBe(ms);
  });

  it.each(["", "soon", "-1", "1e3", "Infinity", "99999999999"])("ignores %j", (value) => {
    expect(retryAfter(wait(value), DATE_MS)).toBeUndefined();
  });

  it("does not measure Graph's date by our own clock", () => {
    expect(retryAfter(wait(DATE), undefined)).toBeUndefined();
  });

  it("is undefined when Graph does not say", () => {
    expect(retryAfter(new Headers(), DATE_MS)).toBeUndefined();
  });
});

describe("errorCode", () => {
  it("is Graph's own", () => {
    expect(errorCode({ error: { code: "Authorization_RequestDenied", message: "m" } }, 403)).toBe(
      "Authorization_RequestDenied",
    );
  });

  it.each([undefined, null, "text", {}, { error: {} }, { error: { code: "Jane Doe <jane@contoso.example>" } }])(
    "is made of the status for %j",
    (body) => {
      expect(errorCode(body, 502)).toBe("http502");
    },
  );
});

describe("readJson", () => {
  it("parses, and is undefined for what is no JSON", async () => {
    expect(await readJson(new Response('{"a":1}'))).toEqual({ a: 1 });
    expect(await readJson(new Response("<html>"))).toBeUndefined();
  });
});
