export interface TimedEvent {
  readonly time: number;
  readonly tieBreak: number;
  readonly run: () => void;
}

/** A binary heap: the earliest event first, the tie-break decides within one millisecond. */
export class EventHeap {
  readonly #events: TimedEvent[] = [];

  peek(): TimedEvent | undefined {
    return this.#events[0];
  }

  push(event: TimedEvent): void {
    let child = this.#events.length;
    this.#events.push(event);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  pop(): TimedEvent | undefined {
    const first = this.#events[0];
    const last = this.#events.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#events[0] = last;
    let parent = 0;
    for (;;) {
      let smallest = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) if (this.#before(child, smallest)) smallest = child;
      if (smallest === parent) return first;
      this.#swap(parent, smallest);
      parent = smallest;
    }
  }

  #before(left: number, right: number): boolean {
    const one = this.#events[left];
    const other = this.#events[right];
    if (one === undefined || other === undefined) return false;
    return one.time < other.time || (one.time === other.time && one.tieBreak < other.tieBreak);
  }

  #swap(left: number, right: number): void {
    const one = this.#events[left];
    const other = this.#events[right];
    if (one === undefined || other === undefined) return;
    this.#events[left] = other;
    this.#events[right] = one;
  }
}
