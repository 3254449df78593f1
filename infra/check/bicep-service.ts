import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

const said = z.object({
  diagnostics: z
    .array(
      z.object({
        source: z.string(),
        range: z.object({ start: z.object({ line: z.number() }) }),
        level: z.string(),
        code: z.string(),
        message: z.string(),
      }),
    )
    .transform((list) =>
      list.map(({ source, range, level, code, message }) => ({
        code,
        text: `${source}(${range.start.line + 1}): ${level} ${code}: ${message}`,
      })),
    ),
});
const expanded = z.object({ snapshot: z.string() });
const reply = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Reply = z.infer<typeof reply>;

export type Diagnostic = z.infer<typeof said>["diagnostics"][number];

/**
 * The compiler as a service that speaks JSON-RPC (Bicep docs: Bicep CLI commands, jsonrpc): a run of its own for each file takes five times as
 * long.
 */
export class BicepService implements AsyncDisposable {
  readonly #process;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #received = Buffer.alloc(0);
  #sent = 0;

  constructor(compiler: string) {
    this.#process = spawn(compiler, ["jsonrpc", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#process.once("exit", (code) => {
      for (const [id, settle] of this.#waiting) settle({ id, error: { message: `Bicep ended with ${code}` } });
    });
  }

  /** What the compiler has to say against a file, its linter's warnings included. */
  async compile(path: string): Promise<readonly Diagnostic[]> {
    const parameters = path.endsWith(".bicepparam");
    const { result, error } = parameters
      ? await this.#call("bicep/compileParams", { path, parameterOverrides: {} })
      : await this.#call("bicep/compile", { path });
    return error === undefined ? said.parse(result).diagnostics : [{ code: "RPC", text: error.message }];
  }

  /** All resources that a file of parameters leads to, or why Azure would refuse it. */
  async expand(path: string): Promise<{ readonly snapshot: string } | { readonly refusal: string }> {
    const metadata = {
      tenantId: "00000000-0000-0000-0000-000000000001",
      subscriptionId: "00000000-0000-0000-0000-000000000002",
      location: "westeurope",
      deploymentName: "pim-cutoff",
    };
    const { result, error } = await this.#call("bicep/getSnapshot", { path, metadata });
    return error === undefined ? expanded.parse(result) : { refusal: error.message };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill();
    await once(this.#process, "exit");
  }

  #call(method: string, params: object): Promise<Reply> {
    const id = ++this.#sent;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return promise;
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const head = this.#received.indexOf("\r\n\r\n");
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.#received.subarray(0, Math.max(head, 0)).toString())?.[1],
      );
      if (head < 0 || !(this.#received.length >= head + 4 + length)) return;
      const one = reply.parse(JSON.parse(this.#received.subarray(head + 4, head + 4 + length).toString()));
      this.#received = this.#received.subarray(head + 4 + length);
      this.#waiting.get(one.id)?.(one);
      this.#waiting.delete(one.id);
    }
  }
}
