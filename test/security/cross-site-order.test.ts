import { describe, expect, test } from "vitest";
import { clientPrincipal, createEntra, createGate, order } from "../fixtures/operators.ts";

/** The operator's browser has App Service's cookie, so the platform says who it is whatever page makes it ask. */
async function ask(headers: Readonly<Record<string, string | null>>, method = "POST") {
  const { authorize } = createGate(await createEntra(), { appServiceAuthentication: true });
  return authorize(order({ "x-ms-client-principal": clientPrincipal(), ...headers }, method), "Cutoff.Operate");
}

describe("with App Service's cookie, an order", () => {
  test.each([
    { attack: "of another site's script", headers: { "sec-fetch-site": "cross-site" } },
    { attack: "of a sibling domain", headers: { "sec-fetch-site": "same-site" } },
    { attack: "of another site, in a browser that names only the origin", headers: { origin: "https://evil.example" } },
    { attack: "of a sandboxed frame", headers: { origin: "null" } },
    { attack: "of our host's other port", headers: { origin: "https://pimcutoff.example:8443" } },
    {
      attack: "of another site's form",
      headers: { "content-type": "text/plain", "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    },
    {
      attack: "of a form, in a browser that names nothing",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    },
    { attack: "of a form that looks like JSON", headers: { "content-type": 'text/plain; a="application/json"' } },
    { attack: "without a type", headers: { "content-type": null } },
  ])("$attack is refused", async ({ headers }) => {
    expect(await ask(headers)).toMatchObject({ allowed: false, refusal: { status: 403, error: "CROSS_SITE" } });
  });

  test.each([
    { by: "our own page", headers: { "sec-fetch-site": "same-origin", origin: "https://pimcutoff.example" } },
    {
      by: "our own page behind another host name",
      headers: { "sec-fetch-site": "same-origin", origin: "https://b.example" },
    },
    { by: "our own page, in a browser that names only the origin", headers: { origin: "https://pimcutoff.example" } },
    { by: "a program", headers: {} },
    { by: "a program that says its charset", headers: { "content-type": "Application/JSON; charset=utf-8" } },
  ])("of $by is taken", async ({ headers }) => {
    expect(await ask(headers)).toMatchObject({ allowed: true });
  });
});

test("reading is no order: a link to the page may come from anywhere", async () => {
  expect(await ask({ "sec-fetch-site": "cross-site", "content-type": null }, "GET")).toMatchObject({ allowed: true });
});
