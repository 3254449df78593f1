import { loadPrincipal } from "../model/load.ts";
import { isStorageError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import { loadDeliveries } from "../subscriptions/deliveries.ts";
import { changeToldEnds, countEnd, judgeOpen, loadToldEnds } from "../subscriptions/told-ends.ts";
import type { EventProperties, Telemetry } from "../telemetry/telemetry-parts.ts";
import { loadSubscriptions } from "./subscription-record.ts";

/** Finds out how reliable a proven source is: which unannounced ends it told of, and which our own looking had to find. */
export interface EndNotices {
  /** The telemetry with its `ended` events listened to. */
  readonly telemetry: Telemetry;
  /** Counts what was heard. Never throws: it is a statistic, and what failed is told. */
  flush(): Promise<void>;
  /** Judges what is open by what was delivered meanwhile. */
  judge(): Promise<void>;
}

interface Heard {
  readonly principalId: string;
  readonly key: string;
  readonly groupId: string;
  readonly isTold: boolean;
}

export function createEndNotices(state: Table, principals: Table, telemetry: Telemetry): EndNotices {
  let heard: Heard[] = [];

  const count = async (ends: readonly Heard[]) => {
    const records = await loadSubscriptions(state);
    const deliveries = await loadDeliveries(state);
    if (!deliveries.some(({ source }) => source === "groups")) return;
    // A group with several roles ends several privileges at once: that is one membership.
    const memberships = new Map(ends.map((end) => [`${end.principalId} ${end.groupId}`, end]));
    for (const { principalId, key, groupId, isTold } of memberships.values()) {
      const resource = `groups/${groupId}/members`;
      if ((records.get(resource)?.id ?? null) === null) continue;
      const { obligations } = (await loadPrincipal(principals, principalId)).state;
      if (obligations.get(key)?.through?.ended !== "access") continue;
      await changeToldEnds(state, (known, now) => countEnd(known, resource, isTold, now));
      if (isTold) telemetry.measure("membershipEnds", 1, { came: "told" });
    }
  };

  return {
    telemetry: {
      ...telemetry,
      event(name, properties) {
        telemetry.event(name, properties);
        const end = name === "ended" ? hear(properties) : null;
        if (end !== null) heard.push(end);
      },
    },
    async flush() {
      if (heard.length === 0) return;
      const ends = heard;
      heard = [];
      try {
        await count(ends);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        telemetry.event("storageUnavailable", { partition: "toldEnds", code: error.code });
      }
    },
    async judge() {
      const before = await loadToldEnds(state);
      if (before.open.length === 0) return;
      const last = new Map((await loadDeliveries(state)).map(({ resource, at }) => [resource, at]));
      await changeToldEnds(state, (known, now) => {
        const judged = judgeOpen(known, last, now);
        return judged.open.length === known.open.length ? known : judged;
      });
      const { late, missed } = await loadToldEnds(state);
      if (late > before.late) telemetry.measure("membershipEnds", late - before.late, { came: "late" });
      if (missed > before.missed) telemetry.measure("membershipEnds", missed - before.missed, { came: "missed" });
    },
  };
}

/** An end through a group that nobody had announced; null for any other. */
function hear({ principalId, key, groupId, planned, foundBy }: EventProperties): Heard | null {
  if (typeof principalId !== "string" || typeof key !== "string" || typeof groupId !== "string" || planned !== false) {
    return null;
  }
  return { principalId, key, groupId, isTold: foundBy === "notification" };
}
