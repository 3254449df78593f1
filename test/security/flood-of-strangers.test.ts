import { expect, test } from "vitest";
import { collection, createReceiver, notificationOf, post } from "../fixtures/delivery.ts";
import { createEntra, createGate, order } from "../fixtures/operators.ts";
import { aSubscription } from "../fixtures/subscriptions.ts";

const record = aSubscription();
const forged = () => collection([notificationOf(record, { clientState: "x" })]);
const counts = { subscription: 0, tenant: 0, clientState: 0, unreadable: 0 };

test("3,000 forged notifications are two events: the first at once, the others after a minute with their number", async () => {
  const { notify, recorded, steps, passMinute } = await createReceiver([record]);
  for (let n = 0; n < 3000; n += 1) await notify(forged());
  const first = { name: "notificationsRejected", properties: { ...counts, clientState: 1, count: 1 } };
  expect(recorded).toEqual([first]);
  passMinute();
  const rest = { ...first, properties: { ...counts, clientState: 2999, count: 2999 } };
  expect(recorded).toEqual([first, rest]);
  // A minute without any is silent, and the next one is reported at once again.
  passMinute();
  expect(recorded).toEqual([first, rest]);
  await notify(forged());
  expect(recorded).toEqual([first, rest, first]);
  expect(steps).toEqual([]);
});

test("different forgeries of one minute are one event, which says how many failed which check", async () => {
  const { notify, recorded, passMinute } = await createReceiver([record]);
  await notify(forged());
  await notify(collection([notificationOf(record, { tenantId: "00000000-0000-4000-8000-00000000beef" }), 7]));
  await notify(collection([7, 8]));
  passMinute();
  expect(recorded.slice(1)).toEqual([
    { name: "notificationsRejected", properties: { ...counts, tenant: 1, unreadable: 3, count: 2 } },
  ]);
});

test("whatever strangers send leaves no trace of its own: only an authentic notification is a step", async () => {
  const { notify, lifecycle, steps } = await createReceiver([record]);
  for (const send of [notify, lifecycle]) {
    await send(post("", { validationToken: "a" }));
    await send(post("no JSON"));
    await send(post("x".repeat(2_000_000)));
    await send(collection([]));
    await send(forged());
  }
  expect(steps).toEqual([]);
  await notify(collection([notificationOf(record)]));
  await lifecycle(collection([{ ...notificationOf(record), lifecycleEvent: "missed" }]));
  expect(steps).toEqual(["notifications", "lifecycle"]);
});

test("1,000 refused orders are two events of each kind", async () => {
  const { authorize, recorded, passMinute } = createGate(await createEntra());
  for (let n = 0; n < 1000; n += 1) {
    await authorize(order({ authorization: `Bearer a.b.${n}` }), "Cutoff.Operate");
    await authorize(order({ "content-type": "text/plain", "x-forwarded-for": `10.0.0.${n}` }), "Cutoff.Operate");
  }
  passMinute();
  const [needed, name] = ["Cutoff.Operate", "operatorRefused"];
  expect(recorded).toEqual([
    { name, properties: { code: "BAD_TOKEN", needed, count: 1 } },
    { name, properties: { code: "CROSS_SITE", needed, count: 1 } },
    { name, properties: { code: "BAD_TOKEN", needed, count: 999 } },
    { name, properties: { code: "CROSS_SITE", needed, count: 999 } },
  ]);
});

test("what is counted is reported when the process ends, once", async () => {
  const { notify, recorded, strangers, passMinute } = await createReceiver([record]);
  await notify(forged());
  await notify(forged());
  strangers.flush();
  strangers.flush();
  passMinute();
  expect(recorded.map(({ properties }) => properties.count)).toEqual([1, 1]);
});
