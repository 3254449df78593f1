import { decodeValue } from "../../../shared/audit-log/record.ts";
import { type Fields, isFields } from "./fields.ts";
import { foldKeys } from "./fold-keys.ts";

/** A list of objects, in whatever form an export wrote it. `problem` describes a form that cannot be read. */
type Nested = { readonly list: readonly Fields[] } | { readonly at: string; readonly problem: string };

/**
 * Reads a list in each of its forms: as documented, as JSON in a string (tables, CSV), as one object in place of a list of one, as
 * PowerShell 5 counts them: `{"value":[..],"Count":1}`, or as Elastic numbers them: `{"0":{..},"1":{..}}`. The keys of their elements have their documented names.
 */
export function nestedList(written: unknown): Nested {
  const value = decodeValue(written);
  if (value === null || value === "") return { list: [] };
  if (typeof value === "string") return { at: "", problem: textProblem(value) };
  if (isFields(value)) return nestedList(Array.isArray(value.value) ? value.value : elementsOf(value));
  if (!Array.isArray(value)) return { at: "", problem: NO_LIST };
  const list: Fields[] = [];
  for (const [index, element] of value.entries()) {
    const object = decodeValue(element);
    if (isFields(object)) list.push(foldKeys(object));
    else if (object !== null)
      return { at: `.${index}`, problem: typeof object === "string" ? textProblem(object) : NO_LIST };
  }
  return { list };
}

/** The values of an object whose keys are numbers, or that is empty; any other object itself. */
const elementsOf = (value: Fields): readonly unknown[] =>
  Object.keys(value).every((key) => /^\d+$/.test(key)) ? Object.values(value) : [value];

const NO_LIST = "is missing or not what it should be";

/** Texts that PowerShell, JavaScript and Python write in place of a nested object. */
const cutText = /^(?:@\{|System\.|Microsoft\.|\[object |<[\w.]+ object at 0x)/;
const CUT =
  "holds the name of a type or an outline in place of its data. The export cut nested values off: export again as JSON with all " +
  "levels, e.g. with ConvertTo-Json -Depth 10 in PowerShell, never with Export-Csv";

const textProblem = (text: string): string => (cutText.test(text) ? CUT : "is text and no JSON");
