import { eventually, type LoggingHost, type World } from "./world.ts";

const partition = "keeper";
const row = "subscriptions";

/**
 * The keeper of the subscriptions takes its turn now, as though half a minute had gone by since its last one: its lease in storage is forgotten, and
 * the resync that it follows is fired by hand.
 */
export async function keeperTurn({ sealed }: World, { url, masterKey }: LoggingHost): Promise<void> {
  await eventually(async () => {
    const { value, storageTime } = await sealed.state.get(partition, row);
    if (value === undefined) return;
    if (Number(Object(value.content).until) > storageTime) throw new Error("The keeper is at it.");
    await sealed.state.commit(partition, [{ type: "delete", row, etag: value.etag }]);
  });
  const response = await fetch(`${url}/admin/functions/resync`, {
    method: "POST",
    headers: { "x-functions-key": masterKey, "Content-Type": "application/json" },
    body: "{}",
  });
  if (response.status !== 202) throw new Error(`The host answered with ${response.status}.`);
}
