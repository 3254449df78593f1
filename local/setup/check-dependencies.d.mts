/** What is read of a lockfile (version 3). */
export interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, object>>;
}
export function problemsOf(lockfile: Lockfile): string[];
export function licencesOf(lockfile: Pick<Lockfile, "packages">): (readonly [licence: string, packages: number])[];
