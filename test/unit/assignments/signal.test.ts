import { expect, test } from "vitest";
import { parseSignal, SignalError, toMessage } from "../../../shared/assignments/signal.ts";
import { jane } from "../../fixtures/fake-world.ts";

test("a signal survives the queue", () => {
  const signal = { principalId: jane, because: "timer", tries: 3 } as const;
  expect(parseSignal(JSON.parse(JSON.stringify(toMessage(signal))))).toEqual(signal);
});

test.each([
  { kind: "group", groupId: jane },
  { kind: "privilege", privilegeId: jane },
] as const)("what it tells survives as well: a $kind", (tells) => {
  const signal = { principalId: jane, because: "notification", tries: 0, tells } as const;
  expect(parseSignal(JSON.parse(JSON.stringify(toMessage(signal))))).toEqual(signal);
});

test("a backup is one on the other side", () => {
  const signal = { principalId: jane, because: "timer", tries: 0, backup: 1767603660500 } as const;
  expect(parseSignal(JSON.parse(JSON.stringify(toMessage(signal))))).toEqual(signal);
});

test("an id is one whatever its case, and tries begin at none", () => {
  expect(parseSignal({ v: 1, principalId: jane.toUpperCase(), because: "operator" })).toEqual({
    principalId: jane,
    because: "operator",
    tries: 0,
  });
});

test.each([
  { name: "not an object", message: "secret", place: "message" },
  { name: "of another version", message: { v: 2, principalId: jane, because: "timer" }, place: "v" },
  { name: "for no object id", message: { v: 1, principalId: "secret", because: "timer" }, place: "principalId" },
  {
    name: "that tells what it cannot",
    message: { v: 1, principalId: jane, because: "audit", tells: { kind: "secret" } },
    place: "tells.kind",
  },
  { name: "for an unknown reason", message: { v: 1, principalId: jane, because: "secret" }, place: "because" },
])("a message $name is refused, naming the place and not the content", ({ message, place }) => {
  const refused = () => parseSignal(message);
  expect(refused).toThrow(SignalError);
  expect(refused).toThrow(`see ${place} (`);
  expect(refused).not.toThrow("secret");
});
