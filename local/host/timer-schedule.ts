import { Cron } from "croner";
import { HostError } from "./host-error.ts";
import { parseTimeSpan } from "./time-span.ts";

export interface TimerSchedule {
  /** The first occurrence after `after`. */
  next(after: Date): Date;
  /** Whether occurrences lie a minute or more apart, so that Azure remembers when the timer last ran. */
  readonly isMonitored: boolean;
}

const minute = 60_000;

// NCRONTAB knows numbers, names, lists, ranges and steps, but not the L, W, # and ? of other dialects.
const field = /^(?:[\d*,/-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)+$/i;

/**
 * A schedule from an NCRONTAB expression (six fields, seconds first; five are taken as starting at second 0) in UTC, or from a time span.
 * @throws HostError `functionInvalid`.
 */
export function parseSchedule(text: string, now: Date): TimerSchedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined && interval > 0) {
    return { next: (after) => new Date(after.getTime() + interval), isMonitored: interval >= minute };
  }
  const cron = parseCron(text);
  const next = (after: Date): Date => {
    const occurrence = cron.nextRun(after);
    if (!occurrence) throw invalid(text, "it never comes due");
    return occurrence;
  };
  const first = next(now);
  return { next, isMonitored: next(first).getTime() - first.getTime() >= minute };
}

function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (!fields.every((value) => field.test(value))) throw invalid(text);
  try {
    // In NCRONTAB a day must match both the day of month and the day of week.
    return new Cron(fields.join(" "), {
      mode: "5-or-6-parts",
      timezone: "UTC",
      domAndDow: true,
      sloppyRanges: true,
      paused: true,
    });
  } catch (error) {
    throw invalid(text, undefined, error);
  }
}

function invalid(
  text: string,
  why = "it is neither an NCRONTAB expression nor a time span",
  cause?: unknown,
): HostError {
  return new HostError("functionInvalid", `The schedule expression '${text}' was not recognized: ${why}.`, cause);
}
