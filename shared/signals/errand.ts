import { z } from "zod";

/** What the principals queue carries besides signals and rushes: work for the whole app that somebody outside asked for. */
export type Errand =
  | { readonly errand: "resync" }
  /** Graph's audit log is said to have a new row. */
  | {
      readonly errand: "catchUp";
      /** Graph's time by when we had been told. */
      readonly toldAt: number;
    }
  /** The members of this group were read for the first time: nobody need wait for the keeper's turn. */
  | { readonly errand: "subscribe"; readonly groupId: string }
  /** Ids of subscriptions that Graph sent a lifecycle notification about. */
  | { readonly errand: "keepSubscriptions"; readonly asked: readonly string[] }
  /** Messages that were written together: each is to be sent by itself. */
  | { readonly errand: "sendAll"; readonly messages: readonly unknown[] };

const schema: z.ZodType<Errand & { v: 1 }> = z.discriminatedUnion("errand", [
  z.object({ v: z.literal(1), errand: z.literal("resync") }),
  z.object({ v: z.literal(1), errand: z.literal("catchUp"), toldAt: z.number() }),
  z.object({ v: z.literal(1), errand: z.literal("subscribe"), groupId: z.guid().toLowerCase() }),
  z.object({ v: z.literal(1), errand: z.literal("keepSubscriptions"), asked: z.array(z.guid().toLowerCase()) }),
  z.object({ v: z.literal(1), errand: z.literal("sendAll"), messages: z.array(z.unknown()) }),
]);

/** The errand of a message; null when it is something else. */
export const parseErrand = (message: unknown): Errand | null => schema.safeParse(message).data ?? null;

export const errandMessage = (errand: Errand): unknown => ({ v: 1, ...errand });
