/** What may outlive an accepted revoke. Graph's times, epoch milliseconds. */
export interface Residual {
  /** Until then at the latest access tokens of clients or resources without CAE, issued up to the revoke, have run out. */
  readonly accessTokensUntil: number;
  /** Until then at the latest clients and resources with CAE have heard of the revoke. */
  readonly caeUntil: number;
  /** Sessions that an application keeps by a cookie of its own: nobody but the application knows. */
  readonly appSessionsUntil: null;
}

const minute = 60_000;

/** Milliseconds; random between 60 and 90 minutes, unless the tenant has a token lifetime policy (Entra docs: configurable-token-lifetimes). */
const longestAccessToken = 90 * minute;

/** Milliseconds; near real time is the goal (Entra docs: concept-continuous-access-evaluation). */
const slowestCae = 15 * minute;

/** What may outlive a revoke that was accepted at `cutAt`: until then a refresh token still gave new access tokens. Pure. */
export const residualOf = (cutAt: number): Residual => ({
  accessTokensUntil: cutAt + longestAccessToken,
  caeUntil: cutAt + slowestCae,
  appSessionsUntil: null,
});
