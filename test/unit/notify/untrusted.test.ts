import { describe, expect, test } from "vitest";
import { escapeHtml, escapeSlack, plainLine } from "../../../shared/notify/wording.ts";

describe("a name that another person wrote", () => {
  test.each([
    ["as it is", "Jane O'Mara-Müller", "Jane O'Mara-Müller"],
    ["in another script", "大谷 翔平", "大谷 翔平"],
    ["with a title", "Dr. J. Doe", "Dr. J. Doe"],
    ["with a mention of Slack", "<!channel> <@U012> <#C1>", "‹!channel› ‹＠U012› ‹＃C1›"],
    ["with a mention of Teams", "<at>everyone</at>", "‹at›everyone‹/at›"],
    ["with HTML", "<img src=x onerror=alert(1)>", "‹img src=x onerror=alert(1)›"],
    ["with a Markdown link", "[Sign in](https://evil.example)", "(Sign in)(https∶//evil․example)"],
    ["with emphasis and code", "**a** `b` ~~c~~ | d", "∗∗a∗∗ 'b' --c-- ¦ d"],
    ["with a bare link", "evil.example/login", "evil․example/login"],
    ["with an address", "mailto:jane@evil.example", "mailto∶jane＠evil․example"],
    ["with a template function of cards", "{{DATE(2026-01-01)}} {x}", "((DATE(2026-01-01))) (x)"],
    ["with bidirectional controls", "\u202eenaJ\u2066 x\u2069", "enaJ x"],
    ["with zero widths and tags", "J\u200ba\u200dn\ufeffe\u{e0041}", "Jane"],
    ["with line breaks and tabs", "Jane\r\nDone: nothing\u2028more\tx", "Jane Done: nothing more x"],
    ["with control characters", "Jane\u0000\u001b[31m", "Jane (31m"],
    ["with a tower of accents", `a${"\u0301".repeat(40)}`, "á\u0301\u0301\u0301"],
    ["with lone surrogates", "Jane\ud800", "Jane"],
    ["of nothing visible", "\u200b\u202e \u0000", ""],
  ])("%s", (_, text, expected) => {
    expect(plainLine(text)).toBe(expected);
  });

  test("that is long is cut, by characters and not by halves of them", () => {
    expect(plainLine("x".repeat(500))).toBe(`${"x".repeat(79)}…`);
    expect([...plainLine("😀".repeat(500), 10)]).toHaveLength(10);
  });
});

test("Slack's three special characters are escaped", () => {
  expect(escapeSlack("<!here> & co")).toBe("&lt;!here&gt; &amp; co");
});

test("HTML is escaped in elements and attributes", () => {
  expect(escapeHtml(`<a href="x" id='y'>&`)).toBe("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
});
