/**
 * Joins what is written within one turn of the event loop: on a pipe each write blocks, and under load two lines for each invocation took
 * more time than the invocation. What a crash of the process leaves unwritten is `flush`'s to write, when it exits.
 */
export function gatherLines(write: (text: string) => void): { write(line: string): void; flush(): void } {
  let lines: string[] = [];
  const flush = () => {
    if (lines.length === 0) return;
    const text = lines.join("");
    lines = [];
    write(text);
  };
  return {
    write(line) {
      if (lines.length === 0) setImmediate(flush);
      lines.push(line);
    },
    flush,
  };
}
