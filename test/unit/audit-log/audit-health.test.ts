import { expect, it } from "vitest";
import { catchUpHealth, streamHealth } from "../../../shared/audit-log/catch-up.ts";
import { noteStream } from "../../../shared/audit-log/stream.ts";
import { AUDITS_UNSUPPORTED } from "../../../shared/graph/directory-audits.ts";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createAuditWorld } from "../../fixtures/audit/audit-world.ts";
import { createFakeWorld } from "../../fixtures/fake-world.ts";

const refused = (code: string) => new GraphPermanentError("No.", { code, status: 403 });

it("the catch-up is unproven until a row has been read", async () => {
  const world = createAuditWorld();
  expect(await catchUpHealth(world.state)).toEqual({ state: "unproven", lastAt: null, detail: null });
  await world.readAt(0);
  expect(await catchUpHealth(world.state)).toEqual({ state: "unproven", lastAt: null, detail: null });
  world.writeEnd(20);
  await world.readAt(150);
  expect(await catchUpHealth(world.state)).toEqual({
    state: "proven",
    lastAt: "2026-01-05T09:00:26.800Z",
    detail: null,
  });
});

it("the catch-up is unsupported where Graph does not offer the log", async () => {
  const world = createAuditWorld();
  world.audits.error = refused(AUDITS_UNSUPPORTED);
  await world.readAt(0);
  expect(await catchUpHealth(world.state)).toMatchObject({ state: "unsupported" });
});

it("the catch-up fails at once when it never worked, and after five minutes when it did", async () => {
  const world = createAuditWorld();
  world.audits.error = refused("Authorization_RequestDenied");
  await world.readAt(0);
  expect(await catchUpHealth(world.state)).toMatchObject({ state: "failing", detail: "Authorization_RequestDenied" });
  world.audits.error = undefined;
  await world.readAt(300);
  world.audits.error = new GraphRetryableError("Later.", { code: "TooManyRequests", reason: "throttled" });
  await world.readAt(330);
  expect(await catchUpHealth(world.state)).toMatchObject({ state: "unproven", detail: "TooManyRequests" });
  await world.readAt(606);
  expect(await catchUpHealth(world.state)).toMatchObject({ state: "failing", detail: "TooManyRequests" });
});

it("the catch-up fails when nobody reads any more", async () => {
  const world = createAuditWorld();
  await world.readAt(0);
  world.goTo(world.clock.now() + 301_000);
  expect(await catchUpHealth(world.state)).toMatchObject({ state: "failing", detail: "notReadLately" });
});

it("the stream is unproven until something came", async () => {
  const { state } = createFakeWorld();
  expect(await streamHealth(state)).toMatchObject({ state: "unproven" });
  await noteStream(state, 1, 1);
  expect(await streamHealth(state)).toMatchObject({ state: "proven", detail: "recordsUnreadable" });
});
