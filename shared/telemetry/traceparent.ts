import { randomBytes } from "node:crypto";

/** Which step of which trace: 16 and 8 bytes in lower-case hex. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A `traceparent` (W3C Trace Context, version 00); undefined for whatever is none: whoever writes to the queue can only break a trace. */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId, spanId] = (typeof value === "string" && form.exec(value)) || [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

export const formatTraceparent = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`;

export const newTraceContext = (): TraceContext => ({
  traceId: randomBytes(16).toString("hex"),
  spanId: randomBytes(8).toString("hex"),
});
