/** A refresh token as the token service remembers it; its text is the key and says nothing. */
export interface RefreshToken {
  readonly userId: string;
  readonly client: string;
  /** The client declared `cp1`: it understands claims challenges. */
  readonly cae: boolean;
  /** Whole seconds since the epoch. */
  readonly issuedAt: number;
}
