/** Which build of the app runs, so that an answer shows what an attestation and the sources are to be compared with. */
export interface Build {
  /** Of package.json. */
  readonly version: string;
  /** What it was made of, with `-dirty` where files differed from it; null when the build could not know. */
  readonly commit: string | null;
}

// Written into the bundle by local/build/bundle-app.ts.
declare const buildOfBundle: Build | undefined;

/** Without a bundle the sources themselves run. */
export const build: Build =
  typeof buildOfBundle === "undefined" ? { version: "unbundled", commit: null } : buildOfBundle;
