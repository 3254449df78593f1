import type { TestProject } from "vitest/node";
import { startAzurite } from "../../../local/azurite/start-azurite.ts";
import { accounts } from "./accounts.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string by account. */
    readonly storage: Readonly<Record<string, string>>;
  }
}

/** One process answers one call at a time: with twenty hosts on a single one, each waits for all others. */
const processes = 3;

/** Builds the app as it is deployed, and starts the Azurites that all end-to-end tests share. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await import("../../../local/build/bundle.ts");
  const portions = Array.from({ length: processes }, (_, n) => accounts.filter((_, at) => at % processes === n));
  const started = await Promise.all(
    portions.map(async (portion) => ({ portion, azurite: await startAzurite({ accounts: portion }) })),
  );
  const connections = started.flatMap(({ portion, azurite }) =>
    portion.map((account) => [account, azurite.connectionStringOf(account)]),
  );
  provide("storage", Object.fromEntries(connections));
  return async () => {
    await Promise.all(started.map(({ azurite }) => azurite.stop()));
  };
}
