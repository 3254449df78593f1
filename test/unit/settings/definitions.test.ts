import { expect, test } from "vitest";
import { helpFor, settingFields, settingGroups } from "../../../shared/settings/definitions.ts";
import { problemsOf } from "./reading.ts";

test("every setting of the schema says what it expects, with an example that it accepts", () => {
  for (const [setting, field] of Object.entries(settingFields)) {
    const [problem] = problemsOf({ [setting]: "%" }).filter((candidate) => candidate.setting === setting);
    if (problem === undefined) continue; // A free text: everything is accepted.
    expect(problem.expected).not.toBe("");
    expect(field.safeParse(problem.example).success).toBe(true);
  }
});

const text = expect.stringMatching(/./);

test("every setting has its text, and no secret is one that an error repeats", () => {
  for (const setting of Object.keys(settingFields)) {
    const help = helpFor(setting);
    expect(help, setting).toMatchObject({ meaning: text, unset: text, expected: text, example: text });
    expect(help?.isSecret && (help.shown || help.deployed !== ""), setting).toBe(false);
  }
});

test("the documented default is the one that the schema sets", () => {
  const documented = (setting: string) => helpFor(setting)?.unset;
  expect(documented("RESYNC_SECONDS")).toBe("`10`");
  expect(documented("CUTOFF_STOP")).toBe("`false`");
  expect(documented("EXCLUDED_PRINCIPALS")).toBe("none");
  expect(documented("NOTIFY_WEBHOOK_URL")).toBe("none");
  expect(documented("CUTOFF_SECRET")).toBe("required");
});

test("what a kind of value accepts and what is said of it do not differ", () => {
  expect(helpFor("STALE_AFTER_HOURS")?.expected).toBe("a whole number of hours from 1 to 720");
  expect(helpFor("RESYNC_SECONDS")?.expected).toBe("5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240 or 300 seconds");
  expect(helpFor("GRAPH_CLOUD")).toMatchObject({
    expected: "global, usGovL4, usGovL5 or china",
    words: ["global", "usGovL4", "usGovL5", "china"],
  });
});

test("every setting is in one group", () => {
  const grouped = settingGroups.flatMap(({ fields }) => Object.keys(fields));
  expect(grouped).toEqual(Object.keys(settingFields));
});
