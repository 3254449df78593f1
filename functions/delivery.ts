import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { DeliveryAnswer, DeliveryRequest } from "../shared/notifications/read-delivery.ts";

/** What Graph posted, not read yet. */
export const toDelivery = ({ query, headers, body }: HttpRequest): DeliveryRequest => ({
  validationToken: query.get("validationToken"),
  contentType: headers.get("content-type"),
  contentLength: lengthOf(headers),
  body,
});

/** As announced; null when it is not. */
export function lengthOf(headers: HttpRequest["headers"]): number | null {
  const length = headers.get("content-length");
  return length === null ? null : Number(length);
}

/** `nosniff`, so that no browser ever makes more of an echoed token than text. */
export const toResponse = ({ status, text }: DeliveryAnswer): HttpResponseInit =>
  text === undefined
    ? { status }
    : { status, body: text, headers: { "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff" } };
