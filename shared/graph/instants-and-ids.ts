import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { GraphPermanentError } from "./errors.ts";
import type { Dated } from "./graph.ts";

/** ISO 8601 with a zone. Graph writes `Z` or `+00:00`, and up to seven fraction digits; reprocessed records have a space instead of the `T`. */
const SHAPE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|([+-])(\d{2}):(\d{2}))$/i;
const FARTHEST_OFFSET_MINUTES = 14 * 60;
/** The first and the last moment of years with four digits. */
const YEAR_0 = Date.parse("0000-01-01T00:00:00Z");
const YEAR_9999 = Date.parse("9999-12-31T23:59:59Z");

interface Instant {
  /** Epoch milliseconds of the whole second. */
  readonly second: number;
  /** Up to nine digits, as written. */
  readonly fraction: string;
  /** Epoch milliseconds, rounded down, and rounded up. */
  readonly floor: number;
  readonly ceiling: number;
}

function offsetMinutes(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (Number(minutes ?? 0) > 59) return Number.NaN;
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

/** The same times are read again and again, in every pass of a principal and in every resync. */
const known = new Map<string, Instant>();
const mostKnown = 10_000;

function parse(text: string): Instant | undefined {
  const before = known.get(text);
  if (before !== undefined) return before;
  const instant = parseAnew(text);
  if (instant === undefined) return undefined;
  if (known.size >= mostKnown) known.clear();
  known.set(text, instant);
  return instant;
}

function parseAnew(text: string): Instant | undefined {
  const [, date, time, fraction = "", , sign, hours, minutes] = SHAPE.exec(text) ?? [];
  if (date === undefined) return undefined;
  const written = Date.parse(`${date}T${time}Z`);
  // Date.parse turns February 30 into March 2, and 24:00 into the next day. If the day has changed, the text names no real moment.
  if (Number.isNaN(written) || new Date(written).getUTCDate() !== Number(date.slice(8))) return undefined;
  const offset = sign === undefined ? 0 : offsetMinutes(sign, hours, minutes);
  const second = written - offset * 60_000;
  const real = Math.abs(offset) <= FARTHEST_OFFSET_MINUTES && second >= YEAR_0 && second <= YEAR_9999;
  if (!real) return undefined;
  const floor = fraction === "" ? second : second + Number(fraction.slice(0, 3).padEnd(3, "0"));
  return { second, fraction, floor, ceiling: floor + (/[1-9]/.test(fraction.slice(3)) ? 1 : 0) };
}

const toSeconds = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "");

function required(text: string): Instant {
  const instant = parse(text);
  if (instant) return instant;
  throw new GraphPermanentError("Expected an ISO 8601 date and time with a zone, e.g. 2026-09-06T18:40:45.843Z.", {
    code: "invalidInstant",
  });
}

export const isInstant = (text: string): boolean => parse(text) !== undefined;

/**
 * The canonical text of a moment, so that texts can be compared and used in keys: UTC, `Z`, up to seven fraction digits (as many as
 * Graph stores; more are cut off), no trailing zeros.
 * @throws GraphPermanentError `invalidInstant`
 */
export function canonicalInstant(text: string): string {
  const { second, fraction } = required(text);
  const digits = fraction.slice(0, 7).replace(/0+$/, "");
  return `${toSeconds(second)}${digits && `.${digits}`}Z`;
}

/**
 * Epoch milliseconds, rounded down.
 * @throws GraphPermanentError `invalidInstant`
 */
export function instantMs(text: string): number {
  return required(text).floor;
}

/**
 * Epoch milliseconds, rounded up: the first whole millisecond that is not before the moment.
 * @throws GraphPermanentError `invalidInstant`
 */
export function instantMsCeil(text: string): number {
  return required(text).ceiling;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A GUID in an answer of Graph, in lower case, since the case of GUIDs does not matter. */
export const guid = z.string().regex(GUID).toLowerCase();

/** Schedule ids are GUIDs or, on permanent rows, base64url texts. The case of base64url matters, so it is kept. */
export const lowerCaseIfGuid = (id: string): string => (isGuid(id) ? id.toLowerCase() : id);

export const isGuid = (text: string): boolean => GUID.test(text);

/**
 * Checks an object id before it becomes part of a URL. Returns it in lower case.
 * @throws GraphPermanentError `invalidPrincipalId`, `invalidGroupId`, `invalidSubscriptionId` or `invalidRoleDefinitionId`
 */
export function requireGuid(id: string, what: keyof typeof invalid): string {
  if (GUID.test(id)) return id.toLowerCase();
  const message = `A ${what} id must be a GUID. Nothing was sent to Microsoft Graph.`;
  throw new GraphPermanentError(message, { code: invalid[what] });
}

const invalid = {
  principal: "invalidPrincipalId",
  group: "invalidGroupId",
  subscription: "invalidSubscriptionId",
  roleDefinition: "invalidRoleDefinitionId",
} as const;

/** An estimate of Graph's time: the newest `Date` plus the time since that answer, so that an error of this machine's clock does not matter. */
export interface GraphClock {
  observe(answer: Dated<unknown>): void;
  /** Epoch milliseconds, at most a second behind Graph's true time. Before the first answer: `otherwise`, or else this machine's wall clock. */
  now(otherwise?: number): number;
}

export function createGraphClock(clock: Clock): GraphClock {
  let newest: { readonly date: number; readonly at: number } | undefined;
  return {
    observe({ date, at }) {
      if (newest === undefined || at >= newest.at) newest = { date, at };
    },
    now: (otherwise = clock.now()) => (newest === undefined ? otherwise : newest.date + clock.monotonic() - newest.at),
  };
}
