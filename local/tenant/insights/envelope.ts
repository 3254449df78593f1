import { z } from "zod";

/**
 * One item of telemetry (Azure docs: Application Insights telemetry data model; the public ingestion protocol, version 2.1). What its
 * `baseData` holds depends on `baseType`: `EventData`, `MetricData`, `RequestData`, `RemoteDependencyData`, `MessageData`, ...
 */
export const envelopeSchema = z.looseObject({
  name: z.string().min(1).max(1024),
  time: z.iso.datetime({ offset: true }),
  iKey: z.guid(),
  tags: z.record(z.string(), z.string()).optional(),
  sampleRate: z.number().optional(),
  data: z.object({ baseType: z.string(), baseData: z.record(z.string(), z.unknown()) }),
});
export type Envelope = z.infer<typeof envelopeSchema>;
