import fc from "fast-check";
import { expect, test } from "vitest";
import { admit, emptyWindow, type ThresholdWindow } from "../../../shared/enforcement/threshold.ts";

const minute = 60_000;
const span = 10 * minute;

/** One user after the other, a second apart. */
function askInTurn(ids: readonly string[], limit: number, from: ThresholdWindow = emptyWindow, start = 0) {
  let window = from;
  const admitted: string[] = [];
  for (const [index, id] of ids.entries()) {
    const admission = admit(window, [id], start + index * 1000, limit, span);
    window = admission.window;
    admitted.push(...admission.admitted);
  }
  return { window, admitted };
}

test("the first distinct users are admitted, in the order in which they ask", () => {
  expect(askInTurn(["d", "b", "c", "a"], 2).admitted).toEqual(["d", "b"]);
  expect([...admit(emptyWindow, ["d", "b", "c", "a"], 0, 2, span).admitted]).toEqual(["d", "b"]);
});

test("an admitted user may ask again and takes no second place", () => {
  expect(askInTurn(["a", "a", "b", "c", "a"], 2).admitted).toEqual(["a", "a", "b", "a"]);
});

test("a storm is held for as long as it lasts: held users count, too", () => {
  const { window } = askInTurn(["a", "b", "c", "d"], 2);
  expect(admit(window, ["e"], span + 1500, 2, span).admitted.size).toBe(0);
  expect([...admit(window, ["e"], span + 2500, 2, span).admitted]).toEqual(["e"]);
});

test("asking again counts from then on", () => {
  const { window } = askInTurn(["a"], 1);
  const again = admit(window, ["a"], 9 * minute, 1, span).window;
  expect(admit(again, ["b"], 11 * minute, 1, span).admitted.size).toBe(0);
  expect(admit(window, ["b"], 11 * minute, 1, span).admitted.size).toBe(1);
});

test("it is raised once while it lasts, and again after ten minutes", () => {
  const first = admit(emptyWindow, ["a", "b"], 0, 1, span);
  expect(first.raise).toBe(true);
  const second = admit(first.window, ["c"], minute, 1, span);
  expect(second.raise).toBe(false);
  expect(admit(second.window, ["d"], span, 1, span).raise).toBe(true);
});

test("within the limit nothing is raised", () => {
  expect(admit(emptyWindow, ["a"], 0, 1, span)).toMatchObject({ raise: false, window: { raisedAt: null } });
});

test("a limit of zero admits nobody and needs no memory", () => {
  expect(admit(emptyWindow, ["a"], 0, 0, span)).toMatchObject({ raise: true, window: { users: [] } });
});

/** A user who asks again keeps the same place, but lasts longer than users who came later. */
const askedAgain = [0, 1, 34, 2, 34, 3, 0].map((user, index) => ({ after: index < 4 ? 0 : 200_000, user }));

test("at most twice the limit is kept, and that changes no answer to a new user", () => {
  const limits = fc.integer({ min: 0, max: 4 });
  const asks = fc.array(fc.record({ after: fc.integer({ min: 0, max: 4 * minute }), user: fc.nat(40) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(limits, asks, (limit, sequence) => {
      let window = emptyWindow;
      let now = 0;
      const seen = new Map<number, number>();
      for (const { after, user } of sequence) {
        now += after;
        const others = [...seen].filter(([id, at]) => id !== user && now - at < span).length;
        const isNew = now - (seen.get(user) ?? Number.NEGATIVE_INFINITY) >= span;
        const { admitted, window: next } = admit(window, [`${user}`], now, limit, span);
        if (isNew) expect(admitted.has(`${user}`)).toBe(others < limit);
        expect(next.users.length).toBeLessThanOrEqual(2 * limit);
        seen.set(user, now);
        window = next;
      }
    }),
    { numRuns: 5000, examples: [[2, askedAgain]] },
  );
});
