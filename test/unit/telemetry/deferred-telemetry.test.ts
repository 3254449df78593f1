import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createDeferredTelemetry } from "../../../shared/telemetry/create-telemetry.ts";
import type { Backend, TraceContext } from "../../../shared/telemetry/telemetry.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

const given = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
const traceparent = `00-${given.traceId}-${given.spanId}-01`;

function setUp(failure?: Error) {
  const calls: unknown[] = [];
  const lines: unknown[] = [];
  let spans = 0;
  const backend: Backend = {
    event: (event) => void calls.push({ event }),
    measure: (name, value, dimensions) => void calls.push({ measure: { name, value, ...dimensions } }),
    begin(step) {
      spans += 1;
      const context: TraceContext = { traceId: step.parent?.traceId ?? "new trace", spanId: `span ${spans}` };
      calls.push({ begin: step, as: context });
      return context;
    },
    end: (context, result) => void calls.push({ end: context, ...result }),
    close: async () => void calls.push("close"),
  };
  const load = vi.fn(async () => {
    if (failure !== undefined) throw failure;
    return backend;
  });
  const log = {
    info: (line: string) => void lines.push(JSON.parse(line)),
    error: (line: string) => void lines.push(JSON.parse(line)),
  };
  const telemetry = createDeferredTelemetry({ load, now: Date.now, log });
  return { telemetry, calls, lines, load };
}

const consumer = { kind: "consumer" } as const;

describe("before its backend is loaded", () => {
  test("everything is kept, and sent then in its order, with its times and its trace", async () => {
    const { telemetry, calls, load } = setUp();
    await telemetry.step("principals", { ...consumer, parent: traceparent }, async () => {
      vi.advanceTimersByTime(10);
      telemetry.event("ended", { principalId: "p" });
      await telemetry.step("call", { kind: "client" }, async (step) => {
        vi.advanceTimersByTime(10);
        step.set({ status: 200 });
      });
      telemetry.measure("graphCalls", 1, { result: "ok" });
    });
    expect(load).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(50);
    const outer = { traceId: given.traceId, spanId: "span 1" };
    const inner = { traceId: given.traceId, spanId: "span 2" };
    expect(calls).toEqual([
      { begin: { name: "principals", kind: "consumer", parent: given, at: 1_000 }, as: outer },
      { event: { name: "ended", alarm: false, properties: { principalId: "p" }, at: 1_010, context: outer } },
      { begin: { name: "call", kind: "client", parent: outer, at: 1_010 }, as: inner },
      { end: inner, properties: { status: 200 }, error: null, at: 1_020 },
      { measure: { name: "graphCalls", value: 1, result: "ok" } },
      { end: outer, properties: {}, error: null, at: 1_020 },
    ]);
  });

  test("a message sent meanwhile belongs to the same trace as what is recorded later", async () => {
    const { telemetry, calls } = setUp();
    const sent = await telemetry.step("resync", consumer, async () => telemetry.traceparent());
    await telemetry.close();
    const [, traceId, spanId] = sent?.split("-") ?? [];
    expect(calls[0]).toMatchObject({ begin: { parent: { traceId, spanId } } });
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("it is loaded once: soon after the first work, or in five seconds without any", async () => {
    const { telemetry, load } = setUp();
    telemetry.start();
    await vi.advanceTimersByTimeAsync(4_900);
    expect(load).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    await telemetry.step("resync", consumer, async () => undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(load).toHaveBeenCalledTimes(1);
  });

  test("nothing is lost when the process ends before", async () => {
    const { telemetry, calls } = setUp();
    telemetry.event("resynced", {});
    await telemetry.close();
    expect(calls).toMatchObject([{ event: { name: "resynced" } }, "close"]);
  });
});

test("once it is loaded, what begins without a parent is a trace of its own, and its messages name it", async () => {
  const { telemetry, calls } = setUp();
  await vi.advanceTimersByTimeAsync(0);
  telemetry.start();
  await vi.advanceTimersByTimeAsync(5_000);
  await telemetry.step("resync", { ...consumer, parent: "rubbish" }, async () => {
    expect(telemetry.traceparent()).toBe("00-new trace-span 1-01");
  });
  expect(calls[0]).toMatchObject({ begin: { parent: undefined } });
  expect(telemetry.traceparent()).toBeUndefined();
});

test("a step that fails says the error's code, never its message, and throws it on", async () => {
  const { telemetry, calls } = setUp();
  const error = Object.assign(new Error("of adm-jane@contoso.example"), { code: "ROW_UNREADABLE" });
  await expect(telemetry.step("a", consumer, () => Promise.reject(error))).rejects.toBe(error);
  await expect(telemetry.step("b", consumer, () => Promise.reject(new TypeError("jane")))).rejects.toThrow("jane");
  await telemetry.close();
  expect(calls.filter((call) => Object.keys(Object(call)).includes("end"))).toMatchObject([
    { error: "ROW_UNREADABLE" },
    { error: "TypeError" },
  ]);
  expect(JSON.stringify(calls)).not.toContain("jane");
});

test("an alarm is a log line as well", async () => {
  const { telemetry, calls, lines } = setUp();
  telemetry.alarm("readRefused", { status: 403 });
  await telemetry.close();
  expect(lines).toEqual([{ event: "readRefused", alarm: true, status: 403 }]);
  expect(calls).toMatchObject([{ event: { name: "readRefused", alarm: true } }, "close"]);
});

test("when it cannot be loaded, that is an alarm and every event a log line", async () => {
  const { telemetry, lines } = setUp(new RangeError("a secret"));
  telemetry.event("resynced", { listed: 1 });
  await telemetry.close();
  await telemetry.step("resync", consumer, async () => telemetry.event("resynced", { listed: 2 }));
  expect(lines).toEqual([
    { event: "telemetryUnavailable", alarm: true, code: "RangeError" },
    { event: "resynced", listed: 1 },
    { event: "resynced", listed: 2 },
  ]);
});
