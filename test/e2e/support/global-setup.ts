import type { TestProject } from "vitest/node";
import { startAzurite } from "../../../local/azurite/start-azurite.ts";
import { accounts } from "./accounts.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string by account. */
    readonly storage: Readonly<Record<string, string>>;
  }
}

/** Builds the app as it is deployed, and starts the Azurite that all end-to-end tests share. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await import("../../../local/build/bundle.ts");
  const azurite = await startAzurite({ accounts });
  provide("storage", Object.fromEntries(accounts.map((account) => [account, azurite.connectionStringOf(account)])));
  return azurite.stop;
}
