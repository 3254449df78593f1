/** One thing that is wrong with the app settings, told so that whoever reads it can put it right. */
export interface SettingProblem {
  /** Name of the app setting. */
  readonly setting: string;
  /** What is there; of anything that might hold a secret or a name only its length. */
  readonly found: string;
  readonly expected: string;
  /** A value that would be accepted. */
  readonly example: string;
}
