import { describe, expect, it } from "vitest";
import { NoAnswerError, noAnswer } from "../../../shared/graph/errors.ts";
import { networkError } from "./harness.ts";

describe("noAnswer", () => {
  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])(
    "knows that %s comes before sending",
    (code) => {
      expect(noAnswer(networkError(code))).toMatchObject({ code, sent: false });
    },
  );

  it.each(["ECONNRESET", "UND_ERR_SOCKET", "EHOSTUNREACH"])("takes %s for sent", (code) => {
    expect(noAnswer(networkError(code))).toMatchObject({ code, sent: true });
  });

  it.each([new Error("a bug"), "text", undefined, new DOMException("stopped", "AbortError"), { code: "ECONNREFUSED" }])(
    "takes what it does not know for sent (%s)",
    (error) => {
      expect(noAnswer(error)).toMatchObject({ code: "networkError", sent: true, cause: error });
    },
  );

  it("does not wrap its own kind", () => {
    const own = new NoAnswerError("tokenUnavailable", false, undefined);
    expect(noAnswer(own)).toBe(own);
  });
});
