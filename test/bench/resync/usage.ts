import { readFile } from "node:fs/promises";

/** What a process has used so far: CPU in milliseconds, and the most memory that it ever held, in megabytes (Linux: proc(5)). */
export interface Usage {
  readonly cpu: number;
  readonly peak: number;
}

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticks = 100;

/** @throws when there is no such process, or no /proc. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The name in parentheses may hold spaces; utime and stime are the 14th and 15th fields.
  const [, , , , , , , , , , , user = "", system = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return { cpu: ((Number(user) + Number(system)) * 1000) / ticks, peak: Math.ceil(Number(peak) / 1024) };
}
