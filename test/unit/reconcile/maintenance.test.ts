import { expect, test } from "vitest";
import { runMaintenance } from "../../../shared/reconcile/resync.ts";
import { StorageRowError, StorageUnavailableError } from "../../../shared/storage/table.ts";

test("a row that one step cannot read holds up no other step, and is raised", async () => {
  const [done, recorded]: [string[], unknown[]] = [[], []];
  const unreadable = () => Promise.reject(new StorageRowError("Row purge of partition retention is newer."));
  const step = async (name: string) => done.push(name);
  await runMaintenance(
    { first: () => step("first"), purge: unreadable, last: () => step("last") },
    { alarm: (...alarm) => void recorded.push(alarm) },
  );
  expect(done).toEqual(["first", "last"]);
  expect(recorded).toEqual([
    ["rowUnreadable", expect.objectContaining({ place: "purge", code: "STORAGE_ROW_UNREADABLE" })],
  ]);
});

test("storage that does not answer ends the steps: the next resync runs them", async () => {
  const away = () => Promise.reject(new StorageUnavailableError("away"));
  await expect(runMaintenance({ away }, { alarm: () => undefined })).rejects.toThrow(StorageUnavailableError);
});
