import type { BrowserContextOptions } from "playwright-core";

export interface Picture {
  readonly name: string;
  readonly options: BrowserContextOptions;
  /** The heading at its upper edge; without it the top of the page. */
  readonly from?: string;
}

/** A reader whose clock does not show UTC: the page has both. */
const timezoneId = "Europe/Berlin";

/** The pictures of the status page that the README shows, `docs/images/{name}.png`. */
export const pictures: readonly Picture[] = [
  { name: "status-light", options: { viewport: { width: 1360, height: 1030 }, colorScheme: "light", timezoneId } },
  {
    name: "status-dark",
    options: { viewport: { width: 1360, height: 880 }, colorScheme: "dark", timezoneId },
    from: "From announced end to accepted revoke",
  },
  {
    name: "status-phone",
    options: { viewport: { width: 390, height: 1000 }, isMobile: true, colorScheme: "light", timezoneId },
  },
];
