import type { HttpResponseInit } from "@azure/functions";
import type { Refusal } from "../shared/operators/authorize.ts";

/** The answer to a caller who could not be identified or lacks the app role. */
export const toRefusal = ({ status, error, problems }: Refusal): HttpResponseInit => ({
  status,
  jsonBody: { error, problems },
  headers: { "Cache-Control": "no-store", ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}) },
});
