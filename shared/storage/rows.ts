/**
 * How a JSON document lies in a table entity: in `content`, and what does not fit there in `content1`, `content2`, ...
 * because one string property holds at most 64 KiB of UTF-16 (Azure docs: Understanding the Table service data model).
 */

const maxPropertyLength = 32 * 1024;

/** Properties of an entity that hold the document. */
export type ContentProperties = Readonly<Record<string, string>>;

/** @throws TypeError when the document has no JSON form (undefined, a function, a bigint, a cycle). */
export function toProperties(content: unknown): ContentProperties {
  const json: string | undefined = JSON.stringify(content);
  if (json === undefined) throw new TypeError("A row's content must be a JSON document.");
  return Object.fromEntries(split(json).map((text, index) => [propertyName(index), text]));
}

/**
 * The document of a stored entity, parsed; undefined when there is none or it is not JSON.
 * One foreign row must not make a whole list unreadable, so it is left to the row's owner to refuse it.
 */
export function fromProperties(entity: Readonly<Record<string, unknown>>): unknown {
  let json = "";
  for (let index = 0; ; index += 1) {
    const text = entity[propertyName(index)];
    if (typeof text !== "string") break;
    json += text;
  }
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const propertyName = (index: number): string => (index === 0 ? "content" : `content${index}`);

/** Never between the two halves of a surrogate pair: alone, each half would become U+FFFD on its way as UTF-8. */
function split(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + maxPropertyLength, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
