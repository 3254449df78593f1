import { z } from "zod";

export interface SettingHelp {
  readonly expected: string;
  readonly example: string;
  /** Only then is a wrong value repeated in its problem. Never for what might be a secret, somebody's name, or a secret put in the wrong place. */
  readonly shown: boolean;
}

/** What people are told about each setting of the schema. */
export const settingHelp = z.registry<SettingHelp>();
