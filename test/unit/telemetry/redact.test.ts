import { describe, expect, test } from "vitest";
import {
  codeOf,
  redacted,
  redactProperties,
  redactSentence,
  redactStepName,
  textForms,
} from "../../../shared/telemetry/redact.ts";
import { canaries } from "../../fixtures/canaries.ts";

const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
const recorded = (name: string, value: unknown) => redactProperties({ [name]: value })[name];

describe.each(Object.entries(textForms))("%s, %s", (name, form) => {
  test.each(Object.entries(canaries))("never shows %s", (kind, canary) => {
    // A name in a sentence of ours cannot be distinguished from a word, so the code that makes it leaves names out.
    if (form === "sentence" && kind === "name") return;
    for (const text of [canary, ` ${canary}`, `"${canary}"`, `${canary}.`]) {
      expect(JSON.stringify(recorded(name, text))).not.toContain(canary);
    }
  });
});

test.each([
  ["principalId", id],
  ["requestId", id.toUpperCase()],
  ["directoryScopeId", "/"],
  ["directoryScopeId", "?"],
  ["activity", "Admin deleted security info"],
  ["key", "rule|Admin=20deleted=20security=20info|2026-11-25T19:37:33.000Z"],
  ["directoryScopeId", `/administrativeUnits/${id}`],
  ["directoryScopeId", `/${id}`],
  ["resource", `groups/${id}/members`],
  ["resource", "roleManagement/directory/roleAssignmentScheduleInstances"],
  ["endpoint", "POST users/{id}/revokeSignInSessions"],
  ["endpoint", "POST $batch"],
  ["key", `${id}|2026-09-06T18:40:45.843Z|0`],
  ["key", `lAPpYvVpN0KRkAEhdxReEJC2sEqbR_9Hr48lds9SGHI-1||0|=2FadministrativeUnits=2F${id}`],
  ["row", "head"],
  ["partition", "massExpiry"],
  ["place", "targetResources.0.modifiedProperties"],
  ["position", "messages[0].records[12]"],
  ["endDateTime", "2026-09-06T18:40:45.8431234Z"],
  ["code", "Authorization_RequestDenied"],
  ["code", "http503"],
  ["code", "HTTP_410"],
  ["code", "UND_ERR_CONNECT_TIMEOUT"],
  ["code", "STORAGE_ROW_UNREADABLE"],
  [
    "message",
    `POST users/{id}/revokeSignInSessions answered 403 (Authorization_RequestDenied). Grant the app's identity the application permission User.RevokeSessions.All (${id}).`,
  ],
  ["milliseconds", 12],
  ["verified", false],
  ["detail", null],
])("%s shows %s", (name, value) => {
  expect(recorded(name, value)).toBe(value);
});

test.each(Object.values(canaries))("a key shows no %s, in whatever part of it", (canary) => {
  for (const key of [`revocation|${canary}`, `${canary}|head`, `${id}|${canary}|0`, `via|${canary}`]) {
    expect(recorded("row", key)).toBe(redacted);
  }
});

test("a text under a name that is not listed is not recorded", () => {
  expect(redactProperties({ displayName: "Adele", constructor: "x", count: 3 })).toEqual({
    displayName: redacted,
    constructor: redacted,
    count: 3,
  });
});

test("a sentence keeps its words around what is taken out", () => {
  expect(redactSentence(`The answer for ${canaries.mail} was ${canaries.json}`)).toBe(
    `The answer for ${redacted} was ${redacted}`,
  );
  expect(redactSentence(`A key of ${id}: ${canaries.clientState}, then more.`)).toBe(
    `A key of ${id}: ${redacted}, then more.`,
  );
});

test("the name of a step is a function's or an endpoint's", () => {
  expect(["principals", "GET users/{id}"].map(redactStepName)).toEqual(["principals", "GET users/{id}"]);
  expect(redactStepName(`GET users/${canaries.mail}`)).toBe(redacted);
});

describe("an error", () => {
  test("is shown by its code", () => {
    expect(codeOf(Object.assign(new Error("Adele"), { code: "ECONNRESET" }))).toBe("ECONNRESET");
  });
  test("is shown by its kind when it has none", () => {
    expect(codeOf(new RangeError("Adele"))).toBe("RangeError");
  });
  test.each(Object.values(canaries))("is never shown by %s", (canary) => {
    expect(codeOf(Object.assign(new Error("x"), { code: canary }))).toBe("unknown");
    expect(codeOf(canary)).toBe("unknown");
  });
});
