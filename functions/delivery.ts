import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { DeliveryAnswer, DeliveryRequest } from "../shared/notifications/read-delivery.ts";

/** Translates the host's request; the body is not read yet. */
export const toDelivery = ({ query, headers, body }: HttpRequest): DeliveryRequest => ({
  validationToken: query.get("validationToken"),
  contentType: headers.get("content-type"),
  contentLength: lengthOf(headers),
  body,
});

/** The `Content-Length` in bytes; null when it is absent. */
export function lengthOf(headers: HttpRequest["headers"]): number | null {
  const length = headers.get("content-length");
  return length === null ? null : Number(length);
}

/** Sets `nosniff`, so that browsers treat an echoed token only as text. */
export const toResponse = ({ status, text }: DeliveryAnswer): HttpResponseInit =>
  text === undefined
    ? { status }
    : { status, body: text, headers: { "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff" } };
