/** Graph is free to write a resource in another case, and with a slash before it. */
export const isSameResource = (a: string, b: string): boolean =>
  a.replace(/^\//, "").toLowerCase() === b.replace(/^\//, "").toLowerCase();
