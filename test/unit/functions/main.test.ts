import { expect, test, vi } from "vitest";
import { canaries } from "../../fixtures/canaries.ts";

const uncaught = vi.hoisted(() => ({ endOnUncaught: vi.fn() }));
vi.mock("../../../shared/safe-errors.ts", async (importOriginal) => ({
  ...(await importOriginal<object>()),
  ...uncaught,
}));
vi.mock("../../../shared/settings/read.ts", () => ({
  readProcessSettings: () => ({ ok: true, settings: {} }),
}));
vi.mock("../../../shared/app.ts", () => ({
  createApp: () => {
    const message = `${canaries.connectionString} ${canaries.name}`;
    throw Object.assign(new Error(message, { cause: new Error(message) }), { code: "ERR_INVALID_URL" });
  },
}));

test("an app that cannot be wired blocks its start, and the log has its code; so it is for an error that is not caught", async () => {
  const error: unknown = await import("../../../functions/main.ts").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  const recorded =
    error instanceof Error ? [error.message, error.stack, error.cause, ...Object.values(error)].join("\n") : "";
  expect(recorded).toContain("ERR_INVALID_URL");
  for (const mark of ["AccountKey", "Kanarienvogel"]) expect(recorded).not.toContain(mark);
  // Before anything could be thrown elsewhere.
  expect(uncaught.endOnUncaught).toHaveBeenCalledWith(
    process,
    expect.objectContaining({ error: expect.any(Function) }),
  );
});
