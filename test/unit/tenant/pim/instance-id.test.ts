import { expect, test } from "vitest";
import { instanceId } from "../../../../local/tenant/pim/instance-id.ts";

/** The first two are the sample of Graph docs: rbacapplication-list-roleassignmentscheduleinstances. */
test.each([
  [
    "62e90394-69f5-4237-9190-012177145e10",
    "6be4b305-b75e-4efc-bfcc-31bd3b53a5f8",
    "lAPpYvVpN0KRkAEhdxReEAWz5Gtet_xOv8wxvTtTpfg-1",
  ],
  [
    "62e90394-69f5-4237-9190-012177145e10",
    "56f2d212-e49c-42e3-8298-0188e5bef094",
    "lAPpYvVpN0KRkAEhdxReEBLS8lac5ONCgpgBiOW-8JQ-1",
  ],
  [
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "03ee6546-f113-4ec5-ba9d-e57381b0c928",
    "5wuT_mJe20eRr5jDpJo4sUZl7gMT8cVOup3lc4GwySg-1",
  ],
])("role %s and principal %s have the published id", (roleDefinitionId, principalId, id) => {
  expect(instanceId({ roleDefinitionId, principalId, directoryScopeId: "/" })).toBe(id);
});

test("another scope has another id", () => {
  const roleDefinitionId = "62e90394-69f5-4237-9190-012177145e10";
  const principalId = "6be4b305-b75e-4efc-bfcc-31bd3b53a5f8";
  const directoryScopeId = "/administrativeUnits/56f2d212-e49c-42e3-8298-0188e5bef094";
  expect(instanceId({ roleDefinitionId, principalId, directoryScopeId })).not.toBe(
    instanceId({ roleDefinitionId, principalId, directoryScopeId: "/" }),
  );
});
