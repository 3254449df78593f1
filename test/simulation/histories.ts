import fc from "fast-check";
import { type EndChoice, faultsAroundEnds, membersAroundTheEnd } from "./around-ends.ts";
import {
  type FaultKind,
  type FaultWindow,
  type GroupScript,
  type History,
  type HoldingScript,
  type IllusionScript,
  type MemberScript,
  type OrderScript,
  orders,
  type PrincipalScript,
} from "./history.ts";
import { assumed } from "./tenant/assumed.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Everything interesting happens in the first three quarters of an hour; a downtime may then last for a day. */
const moment = fc.integer({ min: 0, max: 40 * minute });
const rarely = <T>(value: fc.Arbitrary<T>, otherwise: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: otherwise, weight: 5 }, { arbitrary: value, weight: 1 });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3, nil: null });
const lag = rarely(fc.integer({ min: 0, max: assumed.newSource - 1 }), fc.integer({ min: 0, max: 3 * second }));
const removalDelay = rarely(fc.integer({ min: 0, max: 4 * minute }), fc.integer({ min: 0, max: 4 * second }));

const illusion: fc.Arbitrary<IllusionScript> = fc.record({
  what: fc.constantFrom("absent", "present"),
  view: fc.constantFrom("both", "list", "directory"),
  after: fc.integer({ min: 0, max: 12 * minute }),
  for: fc.integer({ min: second, max: 5 * minute }),
  share: fc.constantFrom(1, 0.7, 0.4),
});

const end: fc.Arbitrary<HoldingScript["end"]> = fc.oneof(
  { arbitrary: fc.constant({ how: "expires" as const }), weight: 3 },
  {
    arbitrary: fc.record({
      how: fc.constantFrom("deactivated" as const, "removed" as const, "outsidePim" as const),
      after: fc.integer({ min: 5 * minute, max: 40 * minute }),
    }),
    weight: 3,
  },
);

const holding: fc.Arbitrary<HoldingScript> = fc.record({
  role: fc.nat({ max: 2 }),
  scoped: fc.nat({ max: 3 }).map((number) => number === 3),
  kind: fc.constantFrom("activated", "activated", "activated", "timeBound", "permanent"),
  eligibleThroughGroup: fc.nat({ max: 2 }).map((number) => number === 2),
  from: fc.integer({ min: -20 * minute, max: 30 * minute }),
  plannedFor: rarely(fc.integer({ min: hour, max: 30 * hour }), fc.integer({ min: 5 * minute, max: 30 * minute })),
  extension: sometimes(
    fc.record({
      after: fc.integer({ min: minute, max: 20 * minute }),
      by: fc.integer({ min: minute, max: 15 * minute }),
      newKey: fc.boolean(),
    }),
  ),
  end,
  appears: fc.record({ list: lag, directory: lag }),
  removal: fc.record({ list: removalDelay, directory: removalDelay }),
  illusions: fc.array(illusion, { maxLength: 3 }),
  othersRevokeAfterEnd: sometimes(fc.integer({ min: -3 * second, max: 30 * second })),
});

const missing = fc.record({ from: moment, for: fc.integer({ min: second, max: assumed.userMissing - 1 }) });

const principal: fc.Arbitrary<PrincipalScript> = fc.record({
  kind: fc.constantFrom("user", "user", "user", "user", "guest", "servicePrincipal"),
  listed: fc.constantFrom("inScope", "inScope", "inScope", "inScope", "inScope", "excluded", "notIncluded"),
  holdings: fc.array(holding, { minLength: 1, maxLength: 4 }),
  deletedAt: rarely<number | null>(moment, fc.constant(null)),
  othersRevokeAt: fc.array(moment, { maxLength: 2 }),
  missing: rarely<PrincipalScript["missing"]>(fc.array(missing, { minLength: 1, maxLength: 2 }), fc.constant([])),
  readBackLag: fc.integer({ min: 0, max: assumed.sessionsLag }),
});

const member: fc.Arbitrary<MemberScript> = fc.record({
  principal: fc.nat({ max: 29 }),
  access: fc.constantFrom("member", "member", "member", "owner"),
  kind: fc.constantFrom("activated", "activated", "assigned", "permanent", "outsidePim"),
  from: fc.integer({ min: -20 * minute, max: 30 * minute }),
  plannedFor: rarely(fc.integer({ min: hour, max: 30 * hour }), fc.integer({ min: 5 * minute, max: 30 * minute })),
  end: fc.oneof(
    fc.constant({ how: "expires" as const }),
    fc.record({ how: fc.constant("leaves" as const), after: fc.integer({ min: 5 * minute, max: 40 * minute }) }),
  ),
  removal: fc.record({ list: removalDelay, directory: removalDelay }),
});

const within = fc.record({
  group: fc.nat({ max: 2 }),
  from: fc.integer({ min: -20 * minute, max: 10 * minute }),
  leavesAfter: fc.option(fc.integer({ min: 10 * minute, max: 40 * minute }), { nil: null }),
});

const group: fc.Arbitrary<GroupScript> = fc
  .record({
    script: fc.record({
      role: fc.option(holding, { freq: 4, nil: null }),
      members: fc.array(member, { minLength: 1, maxLength: 6 }),
      within: rarely<GroupScript["within"]>(within, fc.constant(null)),
    }),
    offsets: rarely<readonly number[]>(
      fc.array(fc.integer({ min: -15 * second, max: 15 * second }), { maxLength: 3 }),
      fc.constant([]),
    ),
  })
  .map(({ script, offsets }) => membersAroundTheEnd(script, offsets));

const fault = (
  kind: FaultKind,
  shares: readonly number[],
  longest: number,
  seconds: number,
): fc.Arbitrary<FaultWindow> =>
  fc.record({
    kind: fc.constant(kind),
    from: moment,
    for: fc.integer({ min: second, max: longest }),
    share: fc.constantFrom(...shares),
    seconds: fc.integer({ min: seconds > 0 ? 1 : 0, max: seconds }),
  });

const often = [0.3, 0.6, 1];
const seldom = [0.02, 0.1, 0.3];
const faults: fc.Arbitrary<FaultWindow> = fc.oneof(
  fault("graphThrottled", often, 3 * minute, 400),
  fault("graphUnavailable", often, 8 * minute, 0),
  fault("graphTimeout", often, 3 * minute, 0),
  fault("revokeAppliedThenTimeout", often, 20 * minute, 0),
  fault("revokeAppliedThenLost", often, 20 * minute, 0),
  fault("revokeHungThenApplied", often, 20 * minute, 0),
  fault("revokeForbidden", often, 10 * minute, 0),
  fault("listPagesShift", often, 10 * minute, 0),
  fault("storageFailsBefore", seldom, 5 * minute, 0),
  fault("storageFailsAfter", seldom, 5 * minute, 0),
  fault("storageSlow", often, 5 * minute, 0),
  fault("messageLost", often, 10 * minute, 0),
  fault("messageLate", often, 10 * minute, 300),
  // Every message that answers a doubled one may be doubled, too: much more than this is an avalanche of the model's making.
  fault("messageDoubled", seldom, 3 * minute, 0),
  fault("crashBeforeCall", seldom, 3 * minute, 120),
  fault("crashAfterCall", seldom, 3 * minute, 120),
  fault("pause", seldom, 3 * minute, 200),
  fault("downtime", [1], 5 * hour, 0),
  fault("downtime", [1], 40 * hour, 0),
  fault("strayHints", [1], 10 * minute, 0),
);

const skew = rarely(
  fc.integer({ min: -5 * minute, max: 5 * minute }),
  fc.integer({ min: -2 * second, max: 2 * second }),
);

const endChoices: fc.Arbitrary<readonly EndChoice[]> = fc.oneof(
  fc.constant([]),
  fc.array(
    fc.record({
      principal: fc.nat({ max: 29 }),
      holding: fc.nat({ max: 3 }),
      offset: fc.integer({ min: -10 * second, max: 5 * second }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
);

const history: fc.Arbitrary<History> = fc.record({
  seed: fc.noShrink(fc.integer()),
  policy: fc.record({
    mode: fc.constantFrom("enforce", "enforce", "enforce", "enforce", "enforce", "enforce", "reportOnly", "off"),
    staleAfter: fc.constantFrom(28 * hour, 28 * hour, hour),
    watchGroups: fc.nat({ max: 5 }).map((number) => number > 0),
    coalesceWithin: rarely(fc.constantFrom(2 * minute, 15 * minute), fc.constant(0)),
    enforcedRoles: rarely<"all" | readonly number[]>(fc.subarray([0, 1, 2]), fc.constant("all")),
    thresholds: fc.oneof(
      { arbitrary: fc.constant(null), weight: 3 },
      {
        arbitrary: fc.record({ planned: fc.integer({ min: 1, max: 2 }), unplanned: fc.integer({ min: 1, max: 2 }) }),
        weight: 1,
      },
    ),
  }),
  resyncEvery: fc.constantFrom(60 * second, 30 * second, 10 * second),
  instanceSkews: fc.array(skew, { minLength: 1, maxLength: 3 }),
  storageSkew: skew,
  auditLag: fc.constantFrom(5 * second, 5 * second, minute, 10 * minute),
  sealed: fc.nat({ max: 4 }).map((number) => number === 4),
  listsMembers: fc.boolean(),
  principals: fc.oneof(
    { arbitrary: fc.array(principal, { minLength: 1, maxLength: 4 }), weight: 4 },
    { arbitrary: fc.array(principal, { minLength: 1, maxLength: 30, size: "large" }), weight: 1 },
  ),
  groups: fc.oneof(
    { arbitrary: fc.constant([]), weight: 2 },
    { arbitrary: fc.array(group, { minLength: 1, maxLength: 3 }), weight: 1 },
  ),
  faults: fc.array(faults, { maxLength: 5 }),
  orders: rarely<readonly OrderScript[]>(
    fc.array(fc.record({ at: moment, action: fc.constantFrom(...orders) }), { minLength: 1, maxLength: 4 }),
    fc.constant([]),
  ),
});

export const histories: fc.Arbitrary<History> = fc
  .record({ history, choices: endChoices })
  .map(({ history: { faults: anytime, ...rest }, choices }) => ({
    ...rest,
    faults: faultsAroundEnds(anytime, rest.principals, choices),
  }));
