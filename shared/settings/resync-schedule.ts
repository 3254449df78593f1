import { z } from "zod";

/** What a CRON expression can repeat evenly: divisors of a minute, then whole minutes that divide an hour. */
const evenSeconds: readonly number[] = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300];

export const resyncSeconds = () =>
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .refine((seconds) => evenSeconds.includes(seconds));

/** Six fields, seconds first (Azure docs: Timer trigger for Azure Functions). */
export const resyncSchedule = (seconds: number): string =>
  seconds < 60 ? `*/${seconds} * * * * *` : `0 */${seconds / 60} * * * *`;
