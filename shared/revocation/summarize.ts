import type { Obligation } from "../model/pending-revocation.ts";
import type { Head } from "../model/principal.ts";
import { isHeld, isInReview } from "./holds.ts";

/** The head with what it tells of all obligations: the resync and the operations read heads only. */
export function summarize(head: Head, obligations: ReadonlyMap<string, Obligation>): Head {
  const { held: _, inReview: __, exposedUntil: ___, ...rest } = head;
  const open = [...obligations.values()].filter(({ progress }) => progress.state !== "closed");
  const held = open.filter(isHeld).length;
  const inReview = open.filter(isInReview).length;
  const found = [...open, ...(rest.told ?? [])].map(({ foundAt }) => foundAt);
  const exposed = [...obligations.values()].flatMap(({ progress }) =>
    progress.state === "closed" && progress.outlives !== undefined ? [progress.outlives.accessTokensUntil] : [],
  );
  return {
    ...rest,
    openSince: found.length === 0 ? null : Math.min(...found),
    ...(held === 0 ? {} : { held }),
    ...(inReview === 0 ? {} : { inReview }),
    ...(exposed.length === 0 ? {} : { exposedUntil: Math.max(...exposed) }),
  };
}
