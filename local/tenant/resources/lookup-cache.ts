import type { TenantClock } from "../clock.ts";

const cacheMs = 10 * 60_000; // Azure docs: RBAC troubleshooting, "up to 10 minutes"

/** Answers that a resource remembers for ten minutes of the tenant's time. */
export interface LookupCache {
  get(key: string, lookUp: () => boolean): boolean;
}

export function createLookupCache(clock: TenantClock): LookupCache {
  const entries = new Map<string, { value: boolean; until: number }>();
  return {
    get(key, lookUp) {
      const known = entries.get(key);
      if (known !== undefined && clock.now() < known.until) return known.value;
      const value = lookUp();
      entries.set(key, { value, until: clock.now() + cacheMs });
      return value;
    },
  };
}
