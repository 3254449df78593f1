import { caeDelayMs } from "../tenant/settings.ts";
import { duration } from "./print.ts";

/** A client that CAE covers by Microsoft's documents, at Exchange Online (Entra docs: concept-continuous-access-evaluation). Of portals they say nothing. */
export const caeClient = { name: "Outlook", cae: true } as const;
export const plainClient = { name: "desktop tool", cae: false } as const;

/** A client's name within a sentence. */
export const the = (client: string): string => (client === caeClient.name ? client : `the ${client}`);

export const startSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What a measured time does not say: it ends with the accepted revoke. */
export const plusCae = `plus CAE (${caeDelayMs / 1000} s in this simulation; documented up to 15 min)`;

export const revokedAfter = (milliseconds: number): string =>
  `revoke accepted after ${duration(milliseconds)}, ${plusCae}`;

const kinds: Readonly<Record<string, string>> = {
  "trusts-wids": "trusts wids",
  "looks-up-live": "looks roles up",
  "caches-lookup": "looks roles up, cached 10 min",
  "trusts-groups": "trusts groups",
};

export const spellResource = (resource: string): string => kinds[resource] ?? resource;
