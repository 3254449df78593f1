import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { DerivedKeys } from "../secrets/derive-key.ts";
import { preparedKey } from "../secrets/prepared-key.ts";
import type { Seal } from "./table.ts";

/** Where a row lies: the same content in another place is another row. */
export interface Place {
  readonly table: string;
  readonly partition: string;
  readonly row: string;
}

/**
 * How much later than it was sealed a row may have been written, milliseconds. A call to storage ends within seconds. The service sets each
 * row's Timestamp itself (Azure docs: Understanding the Table service data model): whoever puts an old row back cannot make it look old.
 */
export const freshFor = 60_000;

/**
 * The content with its seal: an HMAC-SHA256 over place, time and content with a key that storage does not hold. `at` is storage's time.
 * @throws TypeError when the content is not an object with the version of its schema: no row may be written that a later version could misread.
 */
export function sealContent(content: unknown, place: Place, at: number, { current }: DerivedKeys): unknown {
  if (!isVersioned(content))
    throw new TypeError("A row's content is an object with `schema`, the version of its form.");
  return { ...content, seal: `${at}.${macOf(content, place, at, current).toString("base64url")}` };
}

export interface Opened {
  readonly seal: Seal;
  /** Without the seal; undefined unless it holds. */
  readonly content: unknown;
}

const isVersioned = (content: unknown): content is object =>
  typeof content === "object" && content !== null && "schema" in content && Number.isInteger(content.schema);

const sealed = z.looseObject({ seal: z.string().regex(/^\d{1,16}\.[A-Za-z0-9_-]{43}$/) });

/** Takes the seal off a stored row. `timestamp` is the time at which storage wrote it. */
export function openContent(stored: unknown, place: Place, timestamp: number, keys: DerivedKeys): Opened {
  const { data } = sealed.safeParse(stored);
  if (data === undefined) return { seal: "broken", content: undefined };
  const { seal, ...content } = data;
  const [time, mac] = seal.split(".");
  const at = Number(time);
  const found = Buffer.from(mac ?? "", "base64url");
  const isBy = (key: Buffer) => timingSafeEqual(found, macOf(content, place, at, key));
  const isCurrent = isBy(keys.current);
  if (!isCurrent && (keys.previous === null || !isBy(keys.previous))) return { seal: "broken", content: undefined };
  if (timestamp - at > freshFor) return { seal: "replayed", content: undefined };
  return { seal: isCurrent ? "valid" : "old", content };
}

/** The order of the keys of a document survives storage, and with it its text. */
const macOf = (content: unknown, { table, partition, row }: Place, at: number, key: Buffer): Buffer =>
  createHmac("sha256", preparedKey(key))
    .update(`${JSON.stringify(["pim-cutoff row", 1, table, partition, row, at])}\n${JSON.stringify(content)}`)
    .digest();
