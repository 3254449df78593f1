import { existsSync } from "node:fs";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser that the tests of the status page drive. @throws Error that says how to get it. */
export function findChromium(): string {
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error("These tests need a browser: install Debian's package chromium.");
  return found;
}
