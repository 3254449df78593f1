/** How many characters have to be added, removed or replaced to turn one text into the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, a] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, b] of [...to].entries()) {
      const replaced = (previous[column] ?? 0) + (a === b ? 0 : 1);
      const removed = (previous[column + 1] ?? 0) + 1;
      const added = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, removed, added));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
