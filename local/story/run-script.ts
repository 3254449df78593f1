import { setTimeout as delay } from "node:timers/promises";
import type { RunningTenant } from "../stack/start-stack.ts";
import type { HistoryEvent } from "../tenant/history-events.ts";
import type { Chapter, Played } from "./chapter.ts";
import { type ClientSession, signIn } from "./client-session.ts";
import { dayAndTimeOf, type Line, say, table, timeOf, title } from "./print.ts";
import type { Script, Step } from "./script.ts";

/** Real milliseconds between two rounds of calls. */
export const roundEvery = 200;

/** A script as a chapter of the story. */
export const toChapter = <Cast, Facts extends object>(script: Script<Cast, Facts>): Chapter => ({
  name: script.name,
  title: script.title,
  async prepare(tenant) {
    const cast = await script.cast(tenant);
    return () => play(script, cast, tenant);
  },
});

async function play<Cast, Facts extends object>(
  script: Script<Cast, Facts>,
  cast: Cast,
  tenant: RunningTenant,
): Promise<Played> {
  const clients: ClientSession[] = [];
  const spell = script.isDated ? dayAndTimeOf : timeOf;
  const untimed = " ".repeat(spell(new Date(0).toISOString()).length);
  const print = (at: string | null, { text, style }: Line) => say(at === null ? untimed : spell(at), text, style);
  const narrator = narrate(tenant, (event) => script.turn(event, cast, clients), print);
  const work = keepWorking(clients);
  try {
    for (const step of script.steps(cast)) await take(step, { tenant, clients, print });
  } finally {
    await work.stop();
  }
  for (const client of clients) await client.refresh();
  await narrator.stop();
  const facts = script.facts(await tenant.control.history(), cast, clients);
  for (const block of script.end(facts)) {
    if (block.title !== null) title(block.title);
    table(block.rows);
    for (const line of block.lines) print(null, line);
  }
  return { facts: { ...facts, milliseconds: script.milliseconds(facts) }, promises: script.promises(facts) };
}

interface Stage {
  readonly tenant: RunningTenant;
  readonly clients: ClientSession[];
  readonly print: (at: string | null, line: Line) => void;
}

async function take(step: Step, { tenant, clients, print }: Stage): Promise<void> {
  const { control } = tenant;
  const now = async () => (await control.clock()).now;
  switch (step.do) {
    case "say":
      return print(step.isTimed ? await now() : null, step.line);
    case "list":
      for (const line of step.lines(clients)) print(null, line);
      return;
    case "signIn":
      for (const { holder, name, cae } of step.who) clients.push(await signIn(tenant, holder, name, cae));
      return;
    case "act":
      await step.act(control);
      return;
    case "pause":
      return delay(step.milliseconds);
    case "workUntil": {
      const time = step.time(clients);
      while (Date.parse(await now()) <= time) await delay(roundEvery);
      return;
    }
    case "await":
      try {
        const waits = step.events.map((wanted) => control.waitFor(wanted, { timeoutMs: step.within }));
        const events = await Promise.all(waits);
        for (const line of step.found?.(events) ?? []) print(null, line);
      } catch (error) {
        print(null, {
          text: `${step.missing}: ${error instanceof Error ? error.message : String(error)}`,
          style: "red",
        });
      }
  }
}

/** All who have signed in by then work, round after round, until it is stopped. */
function keepWorking(clients: readonly ClientSession[]): { stop(): Promise<void> } {
  let isOver = false;
  const work = async () => {
    while (!isOver) {
      const round = delay(roundEvery);
      await Promise.all(clients.map((client) => client.work()));
      await round;
    }
  };
  const ended = work().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  return {
    async stop() {
      isOver = true;
      const failure = await ended;
      if (failure !== null) throw failure.error;
    },
  };
}

/** Prints the turns of the story as the tenant records them, to the last one before it is stopped. */
function narrate(
  { control }: RunningTenant,
  describe: (event: HistoryEvent) => Line | null,
  print: (at: string, line: Line) => void,
): { stop(): Promise<void> } {
  let isOver = false;
  const printed = new Set<string>();
  let after = 0;
  const read = async (waitMs: number) => {
    for (const event of await control.history(after, waitMs)) {
      after = event.seq;
      const line = describe(event);
      if (line === null || printed.has(line.text)) continue;
      printed.add(line.text);
      print(event.at, line);
    }
  };
  const follow = async () => {
    while (!isOver) await read(500);
    await read(0);
  };
  const ended = follow().catch((error: unknown) => {
    say(null, `the simulated tenant's history can no longer be read: ${String(error)}`, "red");
  });
  return {
    async stop() {
      isOver = true;
      await ended;
    },
  };
}
