import { expect, test } from "vitest";
import { checkTeams } from "../../../local/receivers/check-teams.ts";

const line = { type: "TextBlock", text: "Role ended", wrap: true };
const card = { type: "AdaptiveCard", version: "1.5", body: [line] };
const message = (content: object) =>
  JSON.stringify({
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content }],
  });

test.each([
  { name: "with a line of text", content: card },
  { name: "with Teams' own addition", content: { ...card, msteams: { width: "Full" } } },
  {
    name: "with a link",
    content: { ...card, actions: [{ type: "Action.OpenUrl", title: "Open", url: "https://status.contoso.example" }] },
  },
])("a card $name is taken", ({ content }) => {
  expect(checkTeams(message(content))).toEqual([]);
});

test.each([
  { name: "of another version", content: { ...card, version: "1.6" } },
  { name: "with a property that 1.5 does not have", content: { ...card, roundedCorners: true } },
  { name: "with a word that is none of the property's", content: { ...card, body: [{ ...line, weight: "heavy" }] } },
  { name: "with a line without text", content: { ...card, body: [{ type: "TextBlock" }] } },
  { name: "with an element that nobody knows", content: { ...card, body: [{ type: "Banner", text: "x" }] } },
  {
    name: "with an action that opens nothing",
    content: { ...card, actions: [{ type: "Action.OpenUrl", title: "x" }] },
  },
])("a card $name is refused, with the reason", ({ content }) => {
  expect(checkTeams(message(content))).not.toEqual([]);
});

test("a message of more bytes than Teams takes is refused", () => {
  const content = { ...card, body: [{ ...line, text: "x".repeat(28 * 1024) }] };
  expect(checkTeams(message(content))).toEqual(["more than 28672 bytes"]);
});
