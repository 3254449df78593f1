import { expect, test } from "vitest";
import { settingFields } from "../../../shared/settings/definitions.ts";
import { problemsOf } from "./reading.ts";

test("every setting of the schema tells what it expects, with an example that it accepts", () => {
  for (const [setting, field] of Object.entries(settingFields)) {
    const [problem] = problemsOf({ [setting]: "%" }).filter((candidate) => candidate.setting === setting);
    if (problem === undefined) continue; // A free text: everything is accepted.
    expect(problem.expected).not.toBe("");
    expect(field.safeParse(problem.example).success).toBe(true);
  }
});
