import type { Dated } from "./graph.ts";

/** A subscription as Graph lists it (Graph docs: subscription resource). Its client state is not given back. */
export interface GraphSubscription {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Client id of the app that created it. */
  readonly applicationId: string | null;
}

export interface NewSubscription {
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  /** A secret: never logged. At most 128 characters. */
  readonly clientState: string;
  readonly expiresAt: number;
}

/** What Graph answers to a wish: the subscription, or why not, by its stable code: its words may name people. */
export type Created =
  | { readonly kind: "created"; readonly subscription: GraphSubscription }
  | { readonly kind: "refused"; readonly status: number; readonly code: string };

/** The gateway's part for change notifications. All throw GraphRetryableError, GraphPermanentError and, writing, GraphUncertainError. */
export interface SubscriptionGraph {
  /** Those of this app in this tenant, other deployments that share its identity included. */
  listSubscriptions(): Promise<Dated<readonly GraphSubscription[]>>;
  createSubscription(wanted: NewSubscription): Promise<Created>;
  /** Renews, and reauthorizes by the way. Null when there is no such subscription any more. */
  renewSubscription(id: string, expiresAt: number): Promise<GraphSubscription | null>;
  /** Succeeds too when it is gone already. */
  deleteSubscription(id: string): Promise<void>;
  /** The tenant that our own access token is for; null when the token does not tell. */
  ownTenant(): Promise<string | null>;
}
