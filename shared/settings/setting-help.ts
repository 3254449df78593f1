import { z } from "zod";

export interface SettingHelp {
  readonly expected: string;
  readonly example: string;
  /** Whether a problem repeats the wrong value: never where it might be a secret or a name, also one that was put in the wrong place. */
  readonly shown: boolean;
}

/** What people are told about each setting of the schema. */
export const settingHelp = z.registry<SettingHelp>();
