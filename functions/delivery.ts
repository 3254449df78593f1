import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { DeliveryAnswer, DeliveryRequest } from "../shared/notifications/read-delivery.ts";

/** What Graph posted, not read yet. */
export function toDelivery({ query, headers, body }: HttpRequest): DeliveryRequest {
  const length = headers.get("content-length");
  return {
    validationToken: query.get("validationToken"),
    contentType: headers.get("content-type"),
    contentLength: length === null ? null : Number(length),
    body,
  };
}

/** `nosniff`, so that no browser ever makes more of an echoed token than text. */
export const toResponse = ({ status, text }: DeliveryAnswer): HttpResponseInit =>
  text === undefined
    ? { status }
    : { status, body: text, headers: { "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff" } };
