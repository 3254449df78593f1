import { maxDelay, type Queue } from "../../../shared/storage/queue.ts";
import { type Row, StorageUnavailableError, type Table } from "../../../shared/storage/table.ts";
import type { MemoryQueue } from "../../fixtures/memory-storage.ts";
import type { Instance } from "./instance.ts";
import { type CallContext, type Course, callThroughNetwork } from "./port-call.ts";
import { between } from "./random.ts";

const latency = [2, 12] as const;
const rowsPerPage = 20;

/** The in-memory table behind a network. Faults may strike before or after a write was applied. */
export function tablePort(context: CallContext, name: string, table: Table, instance: Instance): Table {
  const [get, list, commit, scan] = [`${name}.get`, `${name}.list`, `${name}.commit`, `${name}.scan`];
  const call = <T>(operation: string, effect: () => Promise<T>, isKnownAtOnce = false): Promise<T> =>
    callThroughNetwork(context, instance, operation, () => storageCourse(context, effect, isKnownAtOnce));
  return {
    get: (partition, row) => call(get, () => table.get(partition, row), true),
    list: (partition, prefix) => call(list, () => table.list(partition, prefix), true),
    // The ledger's code follows each commit of a principal.
    commit: (partition, operations) => call(commit, () => table.commit(partition, operations), name !== "principals"),
    scan(prefix) {
      const rows = table.scan(prefix)[Symbol.asyncIterator]();
      let page: readonly Row[] = [];
      let next = 0;
      let isLast = false;
      // Not a generator, which waits twice for each row.
      const iterator = {
        [Symbol.asyncIterator]: () => iterator,
        async next(): Promise<IteratorResult<Row>> {
          if (next === page.length && !isLast) {
            page = await call(scan, () => nextPage(rows));
            next = 0;
            isLast = page.length < rowsPerPage;
          }
          const value = page[next];
          next += 1;
          return value === undefined ? { done: true, value } : { done: false, value };
        },
      };
      return iterator;
    },
  };
}

async function nextPage(rows: AsyncIterator<Row>): Promise<Row[]> {
  const page: Row[] = [];
  while (page.length < rowsPerPage) {
    const { value, done } = await rows.next();
    if (done === true) break;
    page.push(value);
  }
  return page;
}

/** The sending side of the queue behind a network that loses, delays and doubles. */
export function queuePort(context: CallContext, queue: MemoryQueue, instance: Instance, onSent: () => void): Queue {
  const { faults, random, time } = context;
  return {
    send: (message, delay) =>
      callThroughNetwork(context, instance, "queue.send", () =>
        storageCourse(context, async () => {
          if (faults.strike(["messageLost"], time.now()) !== undefined) return;
          const late = faults.strike(["messageLate"], time.now());
          const lateness = late === undefined || delay > maxDelay / 2 ? 0 : between(random, 0, late.seconds * 1000);
          const copies = faults.strike(["messageDoubled"], time.now()) === undefined ? 1 : 2;
          for (let copy = 0; copy < copies; copy += 1) await queue.send(message, delay + lateness);
          onSent();
        }),
      ),
  };
}

/** `isKnownAtOnce`: the effect is over when its promise is made, so that no code need run before the next event. */
function storageCourse<T>(context: CallContext, effect: () => Promise<T>, isKnownAtOnce = false): Course<T> {
  const fault = context.faults.strike(["storageFailsBefore", "storageFailsAfter", "storageSlow"], context.time.now());
  const run = () => {
    const value = effect();
    if (!isKnownAtOnce) context.time.wakeCode();
    const answer: { value: T | Promise<T> } = { value };
    // An error may never be wanted: the caller may be dead, or get another answer. A value is known long before it arrives.
    value.then(
      (known) => {
        answer.value = known;
      },
      () => undefined,
    );
    return answer;
  };
  if (fault === undefined) return { latency, effect: run };
  if (fault.kind === "storageSlow") return { latency, effect: run, late: between(context.random, 500, 4000) };
  const instead = { error: new StorageUnavailableError("Storage did not answer."), after: 3000 };
  return { latency, effect: fault.kind === "storageFailsAfter" ? run : undefined, instead };
}
