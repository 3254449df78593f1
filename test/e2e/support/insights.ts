import { z } from "zod";
import type { World } from "./world.ts";

/** App settings that send telemetry to the simulated tenant, and nothing about the package to anybody else. */
export const insightsOf = ({ tenant }: Pick<World, "tenant">): Readonly<Record<string, string>> => ({
  APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=3f2504e0-4f89-11d3-9a0c-0305e82c3301;IngestionEndpoint=${tenant.url}/`,
  APPLICATION_INSIGHTS_NO_STATSBEAT: "true",
});

const texts = z.record(z.string(), z.string());
const dataSchema = z.discriminatedUnion("baseType", [
  z.object({ baseType: z.literal("EventData"), baseData: z.object({ name: z.string(), properties: texts }) }),
  z.object({
    baseType: z.literal("MetricData"),
    baseData: z.object({
      metrics: z.tuple([z.object({ name: z.string(), value: z.number(), count: z.number().optional() })]),
      properties: texts,
    }),
  }),
  z.object({
    baseType: z.enum(["RequestData", "RemoteDependencyData"]),
    baseData: z.object({ id: z.string(), name: z.string(), success: z.boolean() }),
  }),
]);

/** Requests (the host's triggers) and dependencies (calls to Graph). */
export interface Step {
  readonly kind: "RequestData" | "RemoteDependencyData";
  readonly id: string;
  readonly parentId: string | undefined;
  readonly traceId: string;
  readonly name: string;
  readonly success: boolean;
}

export interface RecordedEvent {
  readonly name: string;
  readonly traceId: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
}

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly count: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What Application Insights has received by now. An item of any other kind fails the test. */
export async function received({ control }: Pick<World, "control">) {
  const { envelopes } = await control.telemetry();
  const events: RecordedEvent[] = [];
  const measured: Measured[] = [];
  const steps: Step[] = [];
  for (const { data, tags = {} } of envelopes) {
    const { baseType, baseData } = dataSchema.parse(data);
    const traceId = tags["ai.operation.id"];
    if (baseType === "EventData") events.push({ name: baseData.name, properties: baseData.properties, traceId });
    else if (baseType === "MetricData") {
      const [{ name, value, count = 1 }] = baseData.metrics;
      measured.push({ name, value, count, dimensions: baseData.properties });
    } else {
      const { id, name, success } = baseData;
      steps.push({
        kind: baseType,
        id,
        name,
        success,
        traceId: traceId ?? "",
        parentId: tags["ai.operation.parentId"],
      });
    }
  }
  return { events, measured, steps, text: JSON.stringify(envelopes) };
}
