import type { HttpResponseInit } from "@azure/functions";
import type { Refusal } from "../shared/operators/authorize.ts";

/** What somebody is told who is no operator, or not enough of one. */
export const toRefusal = ({ status, error, problems }: Refusal): HttpResponseInit => ({
  status,
  jsonBody: { error, problems },
  headers: { "Cache-Control": "no-store", ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}) },
});
