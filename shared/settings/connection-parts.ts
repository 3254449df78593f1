/** The parts of a connection string, `Name=value;Name=value`, by their names in lower case. */
export const connectionParts = (text: string): ReadonlyMap<string, string> => new Map(text.split(";").map(partOf));

function partOf(part: string): [string, string] {
  const [name = "", ...value] = part.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}
