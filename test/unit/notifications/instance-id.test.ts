import { expect, test } from "vitest";
import { readInstanceId } from "../../../shared/notifications/to-messages.ts";

test("an id as Microsoft's documentation shows it names role and principal", () => {
  expect(readInstanceId("5wuT_mJe20eRr5jDpJo4sUZl7gMT8cVOup3lc4GwySg-1")).toEqual({
    roleDefinitionId: "fe930be7-5e62-47db-91af-98c3a49a38b1",
    principalId: "03ee6546-f113-4ec5-ba9d-e57381b0c928",
  });
});

test.each(["", "x", "5wuT_mJe20eRr5jDpJo4sUZl7gMT8cVOup3lc4GwySg", "2b5ed229-4072-478d-9504-a047ebd4b07d"])(
  "any other names nothing: %j",
  (id) => {
    expect(readInstanceId(id)).toBeNull();
  },
);
