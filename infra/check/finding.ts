/** What one check says. */
export interface Checked {
  readonly what: string;
  readonly problems: readonly string[];
  /** Why nothing could be checked here, and what it takes. */
  readonly unchecked?: string;
}
