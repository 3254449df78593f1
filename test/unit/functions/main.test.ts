import { expect, test, vi } from "vitest";
import { canaries } from "../../fixtures/canaries.ts";

const uncaught = vi.hoisted(() => ({ tellUncaught: vi.fn() }));
vi.mock("../../../shared/tell-uncaught.ts", () => uncaught);
vi.mock("../../../shared/settings/read.ts", () => ({
  readProcessSettings: () => ({ ok: true, settings: {} }),
}));
vi.mock("../../../shared/app.ts", () => ({
  createApp: () => {
    const message = `${canaries.connectionString} ${canaries.name}`;
    throw Object.assign(new Error(message, { cause: new Error(message) }), { code: "ERR_INVALID_URL" });
  },
}));

test("an app that cannot be wired blocks its start, and is told by its code; so is what nobody catches", async () => {
  const error: unknown = await import("../../../functions/main.ts").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  const told =
    error instanceof Error ? [error.message, error.stack, error.cause, ...Object.values(error)].join("\n") : "";
  expect(told).toContain("ERR_INVALID_URL");
  for (const mark of ["AccountKey", "Kanarienvogel"]) expect(told).not.toContain(mark);
  // Before anything could be thrown elsewhere.
  expect(uncaught.tellUncaught).toHaveBeenCalledWith(process, expect.objectContaining({ error: expect.any(Function) }));
});
