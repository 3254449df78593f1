import { emptySchema } from "./messages.ts";
import { type ControlRoute, route, wholeNumber } from "./route.ts";

/** What Application Insights has received. */
export const insightsRoutes: readonly ControlRoute[] = [
  route("GET", /^\/telemetry$/, emptySchema, ({ tenant: { insights }, url }) => ({
    envelopes: insights.slice(wholeNumber(url, "after")),
    last: insights.length,
  })),
];
