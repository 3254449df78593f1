/**
 * The arguments of an npm command, before it does anything. With `--help` it says what it takes and ends; what it does not take it refuses, with exit
 * code 2. `read` gets the arguments without the interpreter and the script, and throws what is wrong with them.
 */
export function given<T>(help: string, read: (args: string[]) => T): T {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help);
    process.exit(0);
  }
  try {
    return read(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}
