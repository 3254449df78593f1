import type { EndpointHealth } from "./endpoint-health.ts";
import type { Subscription } from "./subscription.ts";

/** One notification on its way, a copy of it counting by itself. */
export interface Notification {
  /** Copies share it. The payload does not carry it: Graph's have no id either. */
  readonly number: number;
  readonly subscription: Subscription;
  readonly kind: "change" | "lifecycle";
  readonly body: object;
}

/** What is on its way to the app's endpoints. */
export interface Deliveries {
  lastNumber: number;
  /** Waiting to travel together, by endpoint and app. */
  readonly waiting: Map<string, Notification[]>;
  /** By origin: Graph docs speak of "the endpoint", and of all subscriptions associated with it. */
  readonly health: Map<string, EndpointHealth>;
  readonly stopped: AbortSignal;
  /** Gives up whatever is on its way. */
  stop(): void;
}

export function createDeliveries(): Deliveries {
  const controller = new AbortController();
  return {
    lastNumber: 0,
    waiting: new Map(),
    health: new Map(),
    stopped: controller.signal,
    stop: () => controller.abort(),
  };
}
