/**
 * How many characters have to be added, removed or replaced to turn one text into the other (Levenshtein). Beyond `most` it is not counted to
 * the end: then any number above `most` is returned. At the start of the app hundreds of names are compared.
 */
export function editDistance(from: string, to: string, most = Number.POSITIVE_INFINITY): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 0; row < from.length; row += 1) {
    const current = [row + 1];
    let least = row + 1;
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      const removed = (previous[column + 1] ?? 0) + 1;
      const added = (current[column] ?? 0) + 1;
      const distance = Math.min(replaced, removed, added);
      current.push(distance);
      least = Math.min(least, distance);
    }
    // It never becomes less from one row to the next.
    if (least > most) return least;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
