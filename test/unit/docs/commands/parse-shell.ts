/** One simple command, as a shell would run it. */
export interface ShellCommand {
  /** `NAME=value` before it, or alone. */
  readonly assignments: readonly (readonly [name: string, value: string])[];
  /** Empty when there are only assignments. */
  readonly words: readonly string[];
  /** Variables that the shell would fill in. */
  readonly variables: readonly string[];
}

/** What stands for something that the reader puts in, such as `<what it printed>`: an id, another one each time. */
export const placeholder = (at = 0): string => `3f2504e0-4f89-11d3-9a0c-${String(at).padStart(12, "0")}`;

/**
 * The simple commands of a text, as far as documents need a shell: quotes, comments, continued lines, `|`, `&&`, `;`, `$(...)`, `export`
 * and `> FILE`.
 * @throws Error for anything else, which has to be taught here first
 */
export function parseShell(text: string): readonly ShellCommand[] {
  const source = text.replaceAll("\\\n", " ").replace(/<[a-z][^<>\n]*>/g, (_, at: number) => placeholder(at));
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let variables: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;

  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(toCommand(words, variables));
    [words, variables] = [[], []];
  };
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    const [character = ""] = rest;
    const inner = quote === "'" ? undefined : /^\$\(([^()]*)\)/.exec(rest);
    const variable = quote === "'" ? undefined : /^\$\{?(\w+)\}?/.exec(rest);
    if (inner) {
      commands.push(...parseShell(inner[1] ?? ""));
      word = `${word ?? ""}${placeholder(at)}`;
      at += inner[0].length - 1;
    } else if (variable) {
      variables.push(variable[1] ?? "");
      word = `${word ?? ""}${variable[0]}`;
      at += variable[0].length - 1;
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = `${word ?? ""}${character}`;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "#" && word === null) at += (rest.split("\n")[0]?.length ?? 1) - 1;
    else if (character === "\n" || character === ";" || character === "|") endCommand();
    else if (rest.startsWith("&&")) {
      endCommand();
      at += 1;
    } else if (/\s/.test(character)) endWord();
    else if (character === ">" && word === null) words.push(character);
    else if (/[&<>`\\()]/.test(character)) throw new Error(`Not understood: ${rest.split("\n")[0]}`);
    else word = `${word ?? ""}${character}`;
  }
  if (quote !== null) throw new Error(`A quote is open: ${text}`);
  endCommand();
  return commands;
}

/** Where the output goes, and that a variable is for children too, changes nothing about the command. */
const ofTheShell = (word: string, at: number, words: readonly string[]): boolean =>
  word === ">" || words[at - 1] === ">" || (word === "export" && at === 0);

function toCommand(all: readonly string[], variables: readonly string[]): ShellCommand {
  const words = all.filter((word, at) => !ofTheShell(word, at, all));
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const split = first === -1 ? words.length : first;
  const assignments = words.slice(0, split).map((word) => {
    const [name = "", ...value] = word.split("=");
    return [name, value.join("=")] as const;
  });
  return { assignments, words: words.slice(split), variables };
}
