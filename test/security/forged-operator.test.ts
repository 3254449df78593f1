import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createAuthorize } from "../../shared/operators/authorize.ts";
import {
  clientPrincipal,
  createEntra,
  createGate,
  type Entra,
  operatorId,
  order,
  seconds,
} from "../fixtures/operators.ts";

const elsewhere = "00000000-0000-4000-8000-00000000beef";
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const bearer = (token: string) => order({ authorization: `Bearer ${token}` });

/** The right claims under any header, signed by nobody or with a secret of the attacker's. */
function unsigned({ claims }: Entra, header: object, secret?: string): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${secret === undefined ? "" : createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const forgeries: readonly { readonly attack: string; readonly forge: (entra: Entra) => string | Promise<string> }[] = [
  { attack: "with alg none", forge: (entra) => unsigned(entra, { alg: "none", kid: "ours" }) },
  { attack: "with a symmetric signature", forge: (entra) => unsigned(entra, { alg: "HS256", kid: "ours" }, "x") },
  { attack: "by our key with another algorithm", forge: ({ token }) => token({}, "ours", "ours", "PS256") },
  { attack: "of another app: its audience is not ours", forge: ({ token }) => token({ aud: elsewhere }) },
  { attack: "for Graph", forge: ({ token }) => token({ aud: "https://graph.microsoft.com" }) },
  { attack: "that has expired", forge: ({ token }) => token({ exp: seconds - 61 }) },
  { attack: "without an end", forge: ({ token }) => token({ exp: undefined }) },
  { attack: "that is not valid yet", forge: ({ token }) => token({ nbf: seconds + 3600 }) },
  { attack: "of another tenant", forge: ({ token }) => token({ tid: elsewhere }) },
  { attack: "of another issuer", forge: ({ token }) => token({ iss: `https://issuer.example/${elsewhere}/v2.0` }) },
  { attack: "of version 1.0", forge: ({ token }) => token({ ver: "1.0" }) },
  { attack: "that is an ID token: a page has it from the sign-in", forge: ({ token }) => token({ scp: undefined }) },
  {
    attack: "that is an ID token of a sign-in with a nonce, which claims a scope",
    forge: ({ token }) => token({ nonce: "n-0S6_WzA2Mj" }),
  },
  { attack: "with an empty scope", forge: ({ token }) => token({ scp: " " }) },
  {
    attack: "of a kind that is none of an access token",
    forge: ({ token }) => token({ scp: undefined, idtyp: "id" }),
  },
  { attack: "that says of nobody", forge: ({ token }) => token({ oid: undefined }) },
  { attack: "by a key of somebody else's", forge: ({ token }) => token({}, "theirs") },
  { attack: "by a key of somebody else's under our key's id", forge: ({ token }) => token({}, "theirs", "ours") },
  {
    attack: "whose claims were changed",
    forge: async ({ token, claims }) => {
      const [header, , signature] = (await token({ roles: [] })).split(".");
      return `${header}.${part(claims)}.${signature}`;
    },
  },
  { attack: "that is none", forge: () => "a.b.c" },
];

describe("a token", () => {
  test("of an operator is believed, and says who it is", async () => {
    const entra = await createEntra();
    const { authorize } = createGate(entra);
    expect(await authorize(bearer(await entra.token()), "Cutoff.Operate")).toEqual({
      allowed: true,
      operator: { objectId: operatorId, roles: new Set(["Cutoff.Operate"]) },
    });
  });

  test("of an automation is believed: it has no scope, and says that it is an app's", async () => {
    const entra = await createEntra();
    const { authorize } = createGate(entra);
    const token = await entra.token({ scp: undefined, idtyp: "app" });
    expect(await authorize(bearer(token), "Cutoff.Operate")).toMatchObject({ allowed: true });
  });

  test.each(forgeries)("$attack is refused", async ({ forge }) => {
    const entra = await createEntra();
    const { authorize, recorded } = createGate(entra);
    const forged = await forge(entra);
    expect(await authorize(bearer(forged), "Cutoff.Operate")).toMatchObject({
      allowed: false,
      refusal: { status: 401, error: "BAD_TOKEN" },
    });
    expect(recorded).toEqual([
      { name: "operatorRefused", properties: { code: "BAD_TOKEN", needed: "Cutoff.Operate", count: 1 } },
    ]);
    expect(JSON.stringify(recorded)).not.toContain(forged);
  });

  test("a bad one is not saved by App Service's word on somebody else", async () => {
    const { authorize } = createGate(await createEntra(), { appServiceAuthentication: true });
    const request = order({ authorization: "Bearer a.b.c", "x-ms-client-principal": clientPrincipal() });
    expect(await authorize(request, "Cutoff.Operate")).toMatchObject({ refusal: { error: "BAD_TOKEN" } });
  });

  test.each(["Basic dXNlcjpwYXNz", "Bearer", "Bearer a", "a.b.c", ""])("none at all: %j", async (authorization) => {
    const { authorize } = createGate(await createEntra());
    expect(await authorize(order({ authorization }), "Cutoff.Operate")).toMatchObject({ refusal: { status: 401 } });
    expect(await authorize(order(), "Cutoff.Operate")).toMatchObject({ refusal: { status: 401, error: "NO_TOKEN" } });
  });

  test.each([
    { attack: "without any role", roles: undefined, needed: "Cutoff.Read" },
    {
      attack: "with another app's roles",
      roles: ["Operate", "cutoff.operate", "Cutoff.Operate2"],
      needed: "Cutoff.Read",
    },
    { attack: "of a reader who wants to act", roles: ["Cutoff.Read"], needed: "Cutoff.Operate" },
  ] as const)("$attack is not enough", async ({ roles, needed }) => {
    const entra = await createEntra();
    const { authorize } = createGate(entra);
    expect(await authorize(bearer(await entra.token({ roles })), needed)).toMatchObject({
      allowed: false,
      refusal: { status: 403, error: "MISSING_ROLE", problems: [expect.stringContaining(needed)] },
    });
  });

  test.each(["Cutoff.Read", "Cutoff.Operate"])("of somebody with %s may read", async (role) => {
    const entra = await createEntra();
    const request = bearer(await entra.token({ roles: [role] }));
    expect(await createGate(entra).authorize(request, "Cutoff.Read")).toMatchObject({ allowed: true });
  });
});

describe("the tenant's keys", () => {
  test("that cannot be had let nobody in, and are asked for again after seconds", async () => {
    const entra = await createEntra();
    const { authorize, pass } = createGate(entra);
    entra.state.away = true;
    const request = bearer(await entra.token());
    expect(await authorize(request, "Cutoff.Operate")).toMatchObject({
      refusal: { status: 503, error: "KEYS_UNAVAILABLE", problems: [expect.stringContaining("CUTOFF_STOP")] },
    });
    entra.state.away = false;
    expect(await authorize(request, "Cutoff.Operate")).toMatchObject({ refusal: { status: 503 } });
    pass(5000);
    expect(await authorize(request, "Cutoff.Operate")).toMatchObject({ allowed: true });
  });

  test.each(["the metadata", "the keys"])(
    "are asked for once in five seconds while %s cannot be had, however many tokens come",
    async (what) => {
      const entra = await createEntra();
      const { authorize, pass } = createGate(entra);
      entra.state.away = what === "the metadata";
      entra.state.keysAway = what === "the keys";
      for (let n = 0; n < 50; n += 1) {
        const forged = bearer(await entra.token({ jti: `${n}` }, "theirs"));
        expect(await authorize(forged, "Cutoff.Operate")).toMatchObject({ refusal: { error: "KEYS_UNAVAILABLE" } });
      }
      const asked = what === "the metadata" ? 1 : 2;
      expect(entra.asked).toHaveLength(asked);
      pass(5000);
      await authorize(bearer(await entra.token()), "Cutoff.Operate");
      expect(entra.asked).toHaveLength(asked + 1);
    },
  );

  test("are not taken from metadata of another tenant", async () => {
    const entra = await createEntra();
    entra.state.issuer = `https://issuer.example/${elsewhere}/v2.0`;
    const request = bearer(await entra.token({ iss: entra.state.issuer }));
    expect(await createGate(entra).authorize(request, "Cutoff.Operate")).toMatchObject({ refusal: { status: 503 } });
  });

  test("are fetched once, however many unknown key ids come", async () => {
    const entra = await createEntra();
    const { authorize } = createGate(entra);
    const forged = bearer(await entra.token({}, "theirs"));
    for (let n = 0; n < 100; n += 1) await authorize(forged, "Cutoff.Operate");
    expect(entra.asked).toHaveLength(2);
  });
});

describe("a forged X-MS-CLIENT-PRINCIPAL", () => {
  const sent = (header: string) => order({ "x-ms-client-principal": header });

  test("is not believed where App Service authentication is off", async () => {
    const { authorize } = createGate(await createEntra());
    expect(await authorize(sent(clientPrincipal()), "Cutoff.Operate")).toMatchObject({
      refusal: { status: 401, error: "NO_TOKEN" },
    });
  });

  test("where it is on, the platform's word counts", async () => {
    const { authorize } = createGate(await createEntra(), { appServiceAuthentication: true });
    expect(await authorize(sent(clientPrincipal()), "Cutoff.Operate")).toMatchObject({
      allowed: true,
      operator: { objectId: operatorId },
    });
  });

  const schemas = "http://schemas.microsoft.com/identity/claims";
  test.each([
    { attack: "of another tenant", header: clientPrincipal({ [`${schemas}/tenantid`]: elsewhere }) },
    { attack: "of another app", header: clientPrincipal({ aud: elsewhere }) },
    { attack: "of two audiences", header: clientPrincipal({ aud: [elsewhere, elsewhere] }) },
    { attack: "of nobody", header: clientPrincipal({ [`${schemas}/objectidentifier`]: [] }) },
    { attack: "with a name for an object id", header: clientPrincipal({ [`${schemas}/objectidentifier`]: "jane" }) },
    {
      attack: "of another identity provider",
      header: Buffer.from('{"auth_typ":"google","claims":[]}').toString("base64"),
    },
    { attack: "that is none", header: "not JSON" },
  ])("$attack is refused even then", async ({ header }) => {
    const { authorize } = createGate(await createEntra(), { appServiceAuthentication: true });
    expect(await authorize(sent(header), "Cutoff.Operate")).toMatchObject({ refusal: { error: "BAD_TOKEN" } });
  });
});

test("without the setting nobody is an operator, and the answer says how that changes and how to stop", async () => {
  const entra = await createEntra();
  const authorize = createAuthorize(null, { event: () => undefined, flush: () => undefined });
  expect(await authorize(bearer(await entra.token()), "Cutoff.Read")).toEqual({
    allowed: false,
    refusal: {
      status: 403,
      error: "NO_OPERATORS",
      problems: [expect.stringMatching(/OPERATORS_AUDIENCE.*CUTOFF_STOP=true/)],
    },
  });
});
