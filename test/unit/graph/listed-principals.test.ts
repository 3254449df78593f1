import { expect, it } from "vitest";
import { batch, DATE_MS, failureOf, gateway, HELPDESK_GROUP, JANE, json } from "./harness.ts";

const missing = { status: 404, body: { error: { code: "Request_ResourceNotFound" } } };
const user = (id: string) => ({ "@odata.type": "#microsoft.graph.user", id });

it("distinguishes users, groups with all their members, and what Graph does not know", async () => {
  const nobody = "a9a9a9a9-0009-4abc-8def-0123456789ab";
  const more = { "@odata.nextLink": "https://graph.example/v1.0/more" };
  const { graph } = gateway(
    batch(
      missing,
      { body: { id: JANE.toUpperCase() } },
      missing,
      { body: { id: HELPDESK_GROUP, isAssignableToRole: true } },
      missing,
      { body: { value: [user(JANE)], ...more } },
      missing,
      missing,
      missing,
    ),
    json({
      value: [{ "@odata.type": "#microsoft.graph.device", id: nobody }, user("a2a2a2a2-0002-4abc-8def-0123456789ab")],
    }),
  );
  const { value, date } = await graph.readListed([JANE, HELPDESK_GROUP, nobody]);
  expect(value).toEqual([
    { id: JANE, kind: "user" },
    {
      id: HELPDESK_GROUP,
      kind: "group",
      assignableToRole: true,
      members: [JANE, "a2a2a2a2-0002-4abc-8def-0123456789ab"],
    },
    { id: nobody, kind: "unknown" },
  ]);
  expect(date).toBe(DATE_MS);
});

it("reads the null of an ordinary group as not assignable", async () => {
  const { graph } = gateway(
    batch({ body: { id: HELPDESK_GROUP, isAssignableToRole: null } }, missing, { body: { value: [] } }),
  );
  expect((await graph.readListed([HELPDESK_GROUP])).value).toMatchObject([{ assignableToRole: false, members: [] }]);
});

it("asks about seven ids in two batches", async () => {
  const ids = Array.from({ length: 7 }, (_, index) => `a${index}a1a1a1-0001-4abc-8def-0123456789ab`);
  const answers = (wanted: readonly string[]) => wanted.flatMap((id) => [missing, { body: { id } }, missing]);
  const { graph, sent } = gateway(batch(...answers(ids.slice(0, 6))), batch(...answers(ids.slice(6))));
  expect((await graph.readListed(ids)).value.map(({ id }) => id)).toEqual(ids);
  expect(sent).toHaveLength(2);
});

it.each([
  { what: "another group", answers: [{ body: { id: JANE } }, missing, { body: { value: [] } }] },
  { what: "another user", answers: [missing, { body: { id: JANE } }, missing] },
  {
    what: "a group that is there without a list of members",
    answers: [{ body: { id: HELPDESK_GROUP } }, missing, missing],
  },
])("refuses the answer about $what", async ({ answers }) => {
  const { graph } = gateway(batch(...answers));
  expect((await failureOf(graph.readListed([HELPDESK_GROUP]))).code).toBe("unexpectedAnswer");
});
