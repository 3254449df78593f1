import { z } from "zod";
import { type AlarmName, alarms } from "../telemetry/event-names.ts";

const principalId = z.guid().toLowerCase();
const key = z.string().min(1);
/** Deliveries that failed, or looks that found no outcome yet. */
const tries = z.int().nonnegative();
/** Absent: for every channel that wants it. */
const channel = z.int().min(0).max(8);
const alarm = z.string().transform((text, context): AlarmName => {
  const name = alarmNames.find((known) => known === text);
  if (name !== undefined) return name;
  context.addIssue({ code: "custom" });
  return z.NEVER;
});
export const alarmNames: readonly AlarmName[] = Object.keys(alarms).filter((name): name is AlarmName => name in alarms);

const outcome = z.object({ v: z.literal(1), principalId, key, channel: z.exactOptional(channel), tries });
const raised = z.object({
  v: z.literal(1),
  alarm,
  principalId: principalId.nullable(),
  at: z.number(),
  channel: z.exactOptional(channel),
  tries,
});
/** `minute`: the beginning of the minute whose outcomes are gathered, epoch milliseconds. */
const gathered = z.object({ v: z.literal(1), minute: z.number(), channel, tries });

/** `endsAt`: the announced end, Graph's epoch milliseconds. */
const before = z.object({ v: z.literal(1), person: z.literal("before"), principalId, key, endsAt: z.number(), tries });
const after = z.object({ v: z.literal(1), person: z.literal("after"), principalId, key, tries });

/** "Tell the outcome of this end", to all channels or to one: object ids only. What is told is what storage holds when it is sent. */
export type OutcomeNotice = Readonly<Omit<z.infer<typeof outcome>, "v">>;
export type AlarmNotice = Readonly<Omit<z.infer<typeof raised>, "v">>;
/** "Send what was gathered for this channel." */
export type GatheredNotice = Readonly<Omit<z.infer<typeof gathered>, "v">>;
/** "Tell the person that this privilege is about to end", or that it has ended. */
export type BeforeNotice = Readonly<Omit<z.infer<typeof before>, "v">>;
export type AfterNotice = Readonly<Omit<z.infer<typeof after>, "v">>;
export type PersonNotice = BeforeNotice | AfterNotice;
export type Notice =
  | ({ readonly kind: "person" } & PersonNotice)
  | ({ readonly kind: "outcome" } & OutcomeNotice)
  | ({ readonly kind: "alarm" } & AlarmNotice)
  | ({ readonly kind: "gathered" } & GatheredNotice);

/** A queue message that is no notice. Trying again changes nothing: the host parks it in the poison queue. */
export class NoticeError extends Error {
  readonly code = "NOTICE_UNREADABLE";
  override readonly name = "NoticeError";
}

// What kind a message is follows from what it holds: messages of earlier versions hold only the first kind, without a word for it.
const schema = z.union([
  raised.transform(({ v: _, ...notice }) => ({ kind: "alarm" as const, ...notice })),
  gathered.transform(({ v: _, ...notice }) => ({ kind: "gathered" as const, ...notice })),
  before.transform(({ v: _, ...notice }) => ({ kind: "person" as const, ...notice })),
  after.transform(({ v: _, ...notice }) => ({ kind: "person" as const, ...notice })),
  outcome.transform(({ v: _, ...notice }) => ({ kind: "outcome" as const, ...notice })),
]);

/** @throws NoticeError */
export function parseNotice(message: unknown): Notice {
  const result = schema.safeParse(message);
  if (!result.success) throw new NoticeError("A message in the queue of notices is not a notice of this version.");
  return result.data;
}

export const noticeMessage = (notice: OutcomeNotice | AlarmNotice | GatheredNotice | PersonNotice): unknown => ({
  v: 1,
  ...notice,
});
