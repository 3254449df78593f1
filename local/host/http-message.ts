import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

export interface HostRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface HostResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
}

export async function readRequest(request: IncomingMessage, origin: string): Promise<HostRequest> {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const base = request.headers.host ? `http://${request.headers.host}` : origin;
  // Concatenated, as a path that starts with two slashes would otherwise name another host.
  const url = new URL(base + (request.url ?? "/"));
  return { method: request.method ?? "GET", url, headers, body: await buffer(request) };
}

export function writeResponse(response: ServerResponse, { status, headers = {}, body }: HostResponse): void {
  response.writeHead(status, headers);
  response.end(body);
}

export const json = (status: number, value: unknown): HostResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
