import { describe, expect, test } from "vitest";
import { afterDelivery } from "../../../shared/notify/channel.ts";

const hour = 3_600_000;

describe("after a delivery", () => {
  test.each([
    ["taken", { status: 202, delivered: true }, 0, { kind: "delivered" }],
    ["refused as it is", { status: 400 }, 0, { kind: "park", code: "HTTP_400", stops: false }],
    ["refused for ever", { status: 410 }, 0, { kind: "park", code: "HTTP_410", stops: true }],
    ["too many", { status: 429 }, 0, { kind: "retry", wait: 5000 }],
    ["too many, with a time", { status: 429, retryAfter: 90_000 }, 0, { kind: "retry", wait: 90_000 }],
    ["a time beyond a day", { status: 503, retryAfter: 99 * hour }, 0, { kind: "retry", wait: 24 * hour }],
    ["timed out", { status: 408 }, 1, { kind: "retry", wait: 30_000 }],
    ["redirected", { status: 307 }, 0, { kind: "retry", wait: 5000 }],
    ["without an answer", { status: 0 }, 8, { kind: "retry", wait: 18 * hour }],
    ["for the last time", { status: 0 }, 9, { kind: "park", code: "HTTP_0", stops: false }],
  ])("%s", (_, delivery, tries, expected) => {
    expect(afterDelivery({ delivered: false, retryAfter: null, ...delivery }, tries, 0)).toEqual(expected);
  });

  test("up to a fifth of the wait is drawn, and what the receiver asks is never undercut", () => {
    const failed = { status: 500, delivered: false, retryAfter: null };
    expect(afterDelivery(failed, 1, 0.5)).toEqual({ kind: "retry", wait: 33_000 });
    expect(afterDelivery({ ...failed, retryAfter: 40_000 }, 1, 0.999)).toEqual({ kind: "retry", wait: 40_000 });
  });
});
