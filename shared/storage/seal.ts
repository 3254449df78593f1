import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { type DerivedKeys, preparedKey } from "../base/keys.ts";
import type { Queue } from "./queue.ts";
import {
  isForged,
  type Operation,
  putRow,
  type Row,
  type Seal,
  StorageConflictError,
  StorageSealError,
  type Table,
} from "./table.ts";

/** The place of a row, which is part of its seal: the same content in another place does not verify. */
interface Place {
  readonly table: string;
  readonly partition: string;
  readonly row: string;
}

/**
 * How much later than it was sealed a row may have been written, milliseconds. A call to storage ends within seconds. The service sets each
 * row's Timestamp itself (Azure docs: Understanding the Table service data model): an attacker who puts an old row back cannot give it an old Timestamp.
 */
export const freshFor = 60_000;

/** What a seal is of: it does not verify on anything else, and not with another time. */
type Subject = readonly (string | number)[];

const rowAt = (place: Place, at: number): Subject => ["pim-cutoff row", 1, place.table, place.partition, place.row, at];

/** HMAC-SHA256 with a key that storage does not hold. Storage keeps the order of a document's keys, so its text stays the same. */
const macOf = (content: object, subject: Subject, key: Buffer): Buffer =>
  createHmac("sha256", preparedKey(key))
    .update(`${JSON.stringify(subject)}\n${JSON.stringify(content)}`)
    .digest();

const withSeal = (content: object, subject: Subject, at: number, key: Buffer): object => ({
  ...content,
  seal: `${at}.${macOf(content, subject, key).toString("base64url")}`,
});

const sealForm = /^\d{1,16}\.[A-Za-z0-9_-]{43}$/;

const hasSeal = (stored: unknown): stored is { readonly seal: string } =>
  typeof stored === "object" &&
  stored !== null &&
  "seal" in stored &&
  typeof stored.seal === "string" &&
  sealForm.test(stored.seal);

/** Takes the seal off a document. `isBy`: whether a key made it, in constant time. Undefined when there is no seal. */
function takeSeal(stored: unknown, subjectAt: (at: number) => Subject) {
  if (!hasSeal(stored)) return undefined;
  const { seal, ...content } = stored;
  const [time, mac] = seal.split(".");
  const at = Number(time);
  const found = Buffer.from(mac ?? "", "base64url");
  const isBy = (key: Buffer | null) => key !== null && timingSafeEqual(found, macOf(content, subjectAt(at), key));
  return { content, at, isBy };
}

/**
 * The content with its seal: over place, time and content. `at` is storage's time.
 * @throws TypeError when the content is not an object with the version of its schema: no row may be written that a later version could misread.
 */
export function sealContent(content: unknown, place: Place, at: number, { current }: DerivedKeys): unknown {
  if (!isVersioned(content))
    throw new TypeError("A row's content is an object with `schema`, the version of its form.");
  return withSeal(content, rowAt(place, at), at, current);
}

const isVersioned = (content: unknown): content is object =>
  typeof content === "object" && content !== null && "schema" in content && Number.isInteger(content.schema);

interface Opened {
  readonly seal: Seal;
  /** Without the seal; undefined unless it holds. */
  readonly content: unknown;
}

/** Takes the seal off a stored row. `timestamp` is the time at which storage wrote it. */
export function openContent(stored: unknown, place: Place, timestamp: number, keys: DerivedKeys): Opened {
  const taken = takeSeal(stored, (at) => rowAt(place, at));
  const isCurrent = taken?.isBy(keys.current) === true;
  if (taken === undefined || !(isCurrent || taken.isBy(keys.previous))) return { seal: "broken", content: undefined };
  if (timestamp - taken.at > freshFor) return { seal: "replayed", content: undefined };
  return { seal: isCurrent ? "valid" : "old", content: taken.content };
}

/**
 * The seal of queue messages. Most messages are hints and need none. But one that says what Graph reported (an authenticated notification, a
 * row of the audit log) must come from the app: otherwise anyone who can write to the queue could forge it.
 */
interface MessageSeal {
  /** The queue with a seal on everything that is sent. */
  sealed(queue: Queue): Queue;
  /** Whether the app sent this message to this queue, and recently. */
  isOurs(message: unknown): boolean;
}

/** Milliseconds for which a seal is accepted after the message should have arrived, by the clocks of our instances. */
const countsFor = 3_600_000;

/** @param name name of the queue: it is part of the seal, so that a message does not verify in another queue. */
export function createMessageSeal(name: string, keys: DerivedKeys, clock: Pick<Clock, "now">): MessageSeal {
  const messageAt = (at: number): Subject => ["pim-cutoff message", 1, name, at];
  return {
    sealed: (queue) => ({
      async send(message, delay) {
        if (typeof message !== "object" || message === null) throw new TypeError("A sealed message is an object.");
        const at = Math.round(clock.now() + Math.max(0, delay));
        await queue.send(withSeal(message, messageAt(at), at, keys.current), delay);
      },
    }),
    isOurs(stored) {
      const taken = takeSeal(stored, messageAt);
      if (taken === undefined || Math.abs(clock.now() - taken.at) >= countsFor) return false;
      return taken.isBy(keys.current) || taken.isBy(keys.previous);
    },
  };
}

/** The check row. It shows whether the stored rows are sealed with a secret that the app has. */
const partition = "seal";
const row = "check";
const content = { schema: 1 };
/** Present as long as rows may still be sealed with the previous secret. */
const rotatingRow = "rotating";

interface CheckedTables {
  readonly state: Table;
  /** All tables, to find a row that verifies. They raise no alarm for forged rows, since with a wrong secret every row seems forged. */
  readonly quiet: readonly Table[];
  /** Whether there is a previous secret. */
  readonly isRotating: boolean;
}

/**
 * Makes sure that the stored rows are sealed with our secret. Without this check a wrong secret would make every row seem forged, and pending
 * revocations would be forgotten. When the check row does not verify but other rows do, it is forged and written anew: otherwise an attacker who
 * can write to storage could stop every new instance.
 * @throws StorageSealError when it is another secret: nothing is read or written, so that nothing is lost.
 */
export async function checkSeal({ state, quiet, isRotating }: CheckedTables): Promise<void> {
  const { value } = await state.get(partition, row);
  if (value !== undefined && value.seal !== "broken") return;
  if (value !== undefined) await ensureOurs(state, quiet);
  const check: Operation = putRow(row, content, value?.etag);
  // The forged check row no longer says whether a rotation is under way.
  const rotating: readonly Operation[] =
    value !== undefined && isRotating ? [{ type: "upsert", row: rotatingRow, content }] : [];
  await unlessConflict(state.commit(partition, [check, ...rotating]));
}

/**
 * Whether rows have been sealed at all. Reads only.
 * @throws StorageSealError when they are sealed with another secret than ours.
 */
export async function isSealed(state: Table): Promise<boolean> {
  const { value } = await state.get(partition, row);
  if (value?.seal === "broken") await ensureOurs(state, [state]);
  return value !== undefined;
}

/** For a check row that does not verify: some other row must verify, and the previous secret must not have been removed too early. */
async function ensureOurs(state: Table, tables: readonly Table[]): Promise<void> {
  const { value: rotating } = await state.get(partition, rotatingRow);
  const isTooEarly = rotating !== undefined && !isForged(rotating);
  if (!isTooEarly && (await hasOurs(tables))) return;
  throw new StorageSealError(
    "The stored rows are sealed with another secret than CUTOFF_SECRET: put that one into CUTOFF_SECRET_PREVIOUS. If it is lost, delete row " +
      `${row} of partition ${partition} in table state: everything is then watched anew, and what was pending is not carried out.`,
  );
}

async function hasOurs(tables: readonly Table[]): Promise<boolean> {
  for (const table of tables) {
    for await (const found of table.scan("")) if (!isForged(found)) return true;
  }
  return false;
}

/** Whether rows may still be sealed with the previous secret, so that the rotation is not finished. */
export async function isRotated(state: Table): Promise<boolean> {
  const { value: rows } = await state.list(partition);
  return rows.every((found) => found.seal !== "old" && (found.row !== rotatingRow || isForged(found)));
}

/**
 * Seals every row of the previous secret with the current one, and the check row last. The content stays as it is, and a row that another writer
 * changes meanwhile is left alone. Repeated as long as there is a previous secret, since other instances may still seal with it.
 */
export async function renewSeals(state: Table, tables: readonly Table[]): Promise<void> {
  let left = 0;
  for (const table of tables) {
    for await (const found of table.scan("")) {
      if (found.seal !== "old" || found.partition === partition) continue;
      if (left === 0) await state.commit(partition, [{ type: "upsert", row: rotatingRow, content }]);
      left += 1;
      await renew(table, found);
    }
  }
  if (left > 0) return;
  const { value: rows } = await state.list(partition);
  const done = rows.flatMap((found): readonly Operation[] => {
    const { etag } = found;
    if (found.row === rotatingRow) return [{ type: "delete", row: rotatingRow, etag }];
    return found.row === row && found.seal === "old" ? [{ type: "replace", row, content, etag }] : [];
  });
  if (done.length > 0) await unlessConflict(state.commit(partition, done));
}

const renew = (table: Table, { partition, row, etag, content }: Row): Promise<void> =>
  unlessConflict(table.commit(partition, [{ type: "replace", row, etag, content }]));

async function unlessConflict(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    // Another instance has written the row, with the current secret.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
