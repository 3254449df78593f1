/**
 * A value of the audit log, out of its wrapping: most are JSON inside a string (`"\"fe93...\""`), some are bare (`DirectorySync` in
 * Graph docs: directoryaudit-list) and stay as they are. Bare digits stay text.
 */
export function decodeValue(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*["[{]/.test(value)) return value ?? null;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
