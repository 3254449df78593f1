import { z } from "zod";

/** "Tell the outcome of this end": the message of the webhook's queue. What is told is what storage holds. */
export interface Notice {
  readonly principalId: string;
  /** Of the obligation. */
  readonly key: string;
  /** Deliveries that failed, or looks that found no outcome yet. */
  readonly tries: number;
}

const schema = z.object({
  v: z.literal(1),
  principalId: z.guid().toLowerCase(),
  key: z.string().min(1),
  tries: z.int().nonnegative(),
});

/** A queue message that is no notice. Trying again changes nothing: the host parks it in the poison queue. */
export class NoticeError extends Error {
  readonly code = "NOTICE_UNREADABLE";
  override readonly name = "NoticeError";
}

/** @throws NoticeError */
export function parseNotice(message: unknown): Notice {
  const result = schema.safeParse(message);
  if (!result.success) throw new NoticeError("A message in the webhook's queue is not a notice of this version.");
  const { v: _, ...notice } = result.data;
  return notice;
}

export const noticeMessage = (notice: Notice): unknown => ({ v: 1, ...notice });
