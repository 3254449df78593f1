import { readFile } from "node:fs/promises";
import { redacted } from "../../../shared/telemetry/redact.ts";
import type { Account } from "./accounts.ts";

/** They push canaries through the app: what is left out there has to be. */
const expected: ReadonlySet<string> = new Set<Account>(["canaries", "badcanaries"]);

/**
 * Fails when the app left something out of what it reported in a world where nothing had to be: the redaction takes too much, or a new property
 * has no form in `redact.ts`.
 * @param logs files with what the hosts printed
 * @param telemetry what was sent to Application Insights
 */
export async function expectNothingRedacted(world: string, logs: readonly string[], telemetry: unknown): Promise<void> {
  if (expected.has(world)) return;
  const texts = await Promise.all(logs.map((log) => readFile(log, "utf8")));
  const places = [...texts, JSON.stringify(telemetry)].flatMap(placesIn);
  if (places.length > 0) throw new Error(`The app left out what it should report:\n${places.slice(0, 5).join("\n")}`);
}

/** Each place, with enough before it to see what is missing. */
const placesIn = (text: string): readonly string[] =>
  text
    .split(redacted)
    .slice(0, -1)
    .map((before) => `${before.slice(-200)}${redacted}`);
