import { z } from "zod";
import { connectionParts } from "./connection-parts.ts";
import { isLoopback } from "./is-loopback.ts";

/** Where telemetry goes, and how the app proves itself there. */
export interface InsightsSettings {
  readonly connectionString: string;
  /** Origin of an ingestion endpoint on this machine, to which alone telemetry may go unencrypted; null for any other. */
  readonly localEndpoint: string | null;
  /** Entra authentication as a managed identity; null when the key in the connection string is enough. */
  readonly identity: { readonly clientId: string | undefined } | null;
}

const guidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The global endpoint that a connection string without one means (Azure docs: Application Insights connection strings). */
const globalEndpoint = "https://dc.services.visualstudio.com";

/** An Application Insights connection string. Whoever has it can send; problems name the part that is wrong and never show it. */
export const insightsConnection = () =>
  z.string().transform((text, context): Pick<InsightsSettings, "connectionString" | "localEndpoint"> => {
    const parts = connectionParts(text);
    const endpoint = URL.parse(parts.get("ingestionendpoint") ?? globalEndpoint);
    const problem = problemOf(parts.get("instrumentationkey") ?? "", endpoint);
    const local = endpoint !== null && isLoopback(endpoint) ? endpoint.origin : null;
    if (problem === null) return { connectionString: text, localEndpoint: local };
    context.addIssue({ code: "custom", params: { found: `${problem} (a value of ${text.length} characters)` } });
    return z.NEVER;
  });

function problemOf(key: string, endpoint: URL | null): string | null {
  if (!guidForm.test(key)) return "no InstrumentationKey that is a GUID";
  const safe = endpoint?.protocol === "https:" || (endpoint?.protocol === "http:" && isLoopback(endpoint));
  return safe ? null : "an IngestionEndpoint that is neither https nor on this machine";
}

/** `Authorization=AAD`, with `ClientId` for a user-assigned identity (Azure docs: App settings reference for Azure Functions). */
export const insightsAuthentication = () =>
  z.string().transform((text, context): NonNullable<InsightsSettings["identity"]> => {
    const parts = connectionParts(text);
    const clientId = parts.get("clientid");
    const known = parts.get("authorization")?.toLowerCase() === "aad";
    if (known && (clientId === undefined || guidForm.test(clientId))) return { clientId };
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });
