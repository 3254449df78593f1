import { ruleActivities } from "../base/audit-activities.ts";
import { rowKey } from "../base/keys.ts";

/** Replaces a text that must not leave the app. */
export const redacted = "[redacted]";

type Form = (typeof textForms)[keyof typeof textForms];

/**
 * Every property whose value may be a text, with the form of that text. A text under a name that is not listed here is never recorded, so each new
 * property needs a decision. The forms are those of `redact.ts`.
 */
export const textForms = {
  // Object ids, and ids that this app or Microsoft makes.
  attemptId: "id",
  by: "id",
  groupId: "id",
  memberId: "id",
  messageId: "id",
  operationId: "id",
  principalId: "id",
  requestId: "id",
  roleDefinitionId: "id",
  subscriptionId: "id",
  // Places: in storage, in the directory, in Graph, in a record that could not be read.
  directoryScopeId: "path",
  endpoint: "path",
  key: "key",
  partition: "key",
  place: "place",
  position: "place",
  resource: "path",
  row: "key",
  rule: "code",
  until: "time",
  // ISO 8601.
  acceptedAt: "time",
  accessTokensUntil: "time",
  caeUntil: "time",
  closedAt: "time",
  cutOff: "time",
  date: "time",
  endDateTime: "time",
  expiresAt: "time",
  foundAt: "time",
  from: "time",
  lastHeld: "time",
  oldestPendingSince: "time",
  massExpiry: "time",
  second: "time",
  since: "time",
  startDateTime: "time",
  to: "time",
  // One word of a small set.
  access: "code",
  action: "code",
  after: "code",
  age: "code",
  came: "code",
  code: "code",
  detail: "code",
  direction: "code",
  end: "code",
  foundBy: "code",
  "http.request.method": "code",
  change: "code",
  kind: "code",
  kindBefore: "code",
  limit: "code",
  mark: "code",
  needed: "code",
  outcome: "code",
  priority: "code",
  result: "code",
  seal: "code",
  setting: "code",
  source: "code",
  state: "code",
  table: "code",
  // One of the activities that a rule of the settings can name.
  activity: "activity",
  // Sentences of ours, with codes of Graph's in them.
  message: "sentence",
  problem: "sentence",
} as const;

const forms: ReadonlyMap<string, Form> = new Map(Object.entries(textForms));

const guid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const onlyGuid = new RegExp(`^${guid}$`);
const guids = new RegExp(guid, "g");
/** Words, each with at most a few digits at its end. No token, key, client state or address has this form. */
const words = /^[A-Za-z]{1,40}\d{0,3}(?:[_.-](?:[A-Za-z]{1,40}\d{0,3}|\d{1,3})){0,8}$/;
const step = `(?:${guid}|[A-Za-z$]{1,60}|\\{id\\})`;
const path = new RegExp(`^(?:(?:GET|POST|PATCH|DELETE) )?(?:/|/?${step}(?:/${step}){0,8})$`);

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** Keys as `rowKey` writes them. Of its escapes the app's own keys hold only slashes, keys in keys and the spaces of activities. */
const key = /^(?:[\w.:|-]|=(?:3D)*(?:2F|7C|20))+(?:=sha256\.[0-9a-f]{64})?$/;

const activities: ReadonlySet<string> = new Set(ruleActivities);
/** Names of activities as keys hold them, for ends that a rule of `AUDIT_RULES` makes. */
const activityParts: ReadonlySet<string> = new Set(ruleActivities.map((name) => rowKey(name)));

const isOf: Readonly<Record<Exclude<Form, "sentence">, (text: string) => boolean>> = {
  id: (text) => onlyGuid.test(text),
  code: (text) => words.test(text),
  time: (text) => time.test(text),
  // "?" stands for the scope of an audit end, since the audit log does not name it.
  path: (text) => text === "?" || path.test(text),
  activity: (text) => activities.has(text),
  key: (text) => key.test(text) && partsOf(text).every(isPart),
  place: (text) => /^[A-Za-z]{1,40}(?:\.[A-Za-z]{1,40}|\.\d{1,6}|\[\d{1,6}\]){0,12}$/.test(text),
};

/** The parts of a key and of the keys in it, without what `rowKey` shortened. */
const partsOf = (text: string): readonly string[] =>
  text
    .replace(/[^|]*=sha256\..*$/, "")
    .replace(/=(?:3D)*7C/g, "|")
    .replace(/=(?:3D)*2F/g, "/")
    .split("|");

/** PIM's own ids have the form of secrets, so they are let through only at their place in a key: before the start of their assignment. */
const isPart = (part: string, at: number, parts: readonly string[]): boolean => {
  if ([/^\d{0,16}$/, words, onlyGuid, time, path].some((form) => form.test(part)) || activityParts.has(part))
    return true;
  const start = parts[at + 1];
  return /^[\w-]{20,64}$/.test(part) && (start === "" || (start !== undefined && time.test(start)));
};

/** Characters of a text that are checked. The patterns take the square of a text's length, and the app's own texts are a tenth as long. */
const longest = 2000;

/** The beginning of a text, cut at the end of a word: half of an address would not be recognised as one. */
const cut = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest).replace(/\S*$/, "")}${redacted}`;

/**
 * A sentence of ours without texts that may come from outside: addresses, tokens, documents, and any text as long and as mixed as a key. A name
 * cannot be distinguished from a word, so the code that makes a sentence has to leave out every foreign text.
 */
export const redactSentence = (text: string): string =>
  cut(text)
    .replace(/[{[]\s*["{[].*$/s, redacted)
    .replace(/\S*@\S*/g, redacted)
    .replace(/[\w+/=-]{20,}(?:\.[\w+/=-]+)*/g, (run) => (isPlain(run) ? run : redacted));

/** Words with slashes, and object ids. */
const isPlain = (run: string): boolean => !/\d/.test(run.replaceAll(guids, "")) && !/eyJ/.test(run);

/** The name of a step: a function's or an endpoint's, as the documentation writes it. */
export const redactStepName = (name: string): string => (name.length <= longest && path.test(name) ? name : redacted);

/** A text as it may be recorded under this name of `redact.ts`. */
export function redactText(name: string, text: string): string {
  const form = forms.get(name);
  if (form === undefined) return redacted;
  if (form === "sentence") return redactSentence(text);
  return text.length <= longest && isOf[form](text) ? text : redacted;
}

/** The properties of an event, a step or a measurement, without any text that has not the form of its name. Numbers and booleans pass. */
export const redactProperties = <T>(properties: Readonly<Record<string, T>>): Readonly<Record<string, T | string>> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === "string" ? redactText(name, value) : value,
    ]),
  );

/** The stable code of an error, or its class name if it has none; never its message, which may hold any text. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return words.test(code) ? code : "unknown";
}
