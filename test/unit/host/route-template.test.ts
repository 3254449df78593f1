import { describe, expect, it } from "vitest";
import { parseRoute } from "../../../local/host/route-template.ts";

describe("parseRoute", () => {
  it.each([
    ["api/items", "/API/items/", {}],
    ["api/{id}", "/api/a%2Fb", { id: "a/b" }],
    ["api/{id?}", "/api", {}],
    ["api/{id:int?}", "/api/12", { id: "12" }],
    ["api/{*rest}", "/api/a/b", { rest: "a/b" }],
    ["api/{id:guid}", "/api/3f2504e0-4f89-11d3-9a0c-0305e82c3301", { id: "3f2504e0-4f89-11d3-9a0c-0305e82c3301" }],
    ["api/{id}", "/api/%zz", { id: "%zz" }],
  ])("%s matches %s", (template, path, params) => {
    expect(parseRoute(template).match(path)).toEqual(params);
  });

  it.each([
    ["api/items", "/api/items/1"],
    ["api/{id}", "/api"],
    ["api/{id:int}", "/api/x"],
    ["api/{id:guid}", "/api/1"],
  ])("%s does not match %s", (template, path) => {
    expect(parseRoute(template).match(path)).toBeUndefined();
  });

  it("ranks literals before constrained parameters, free ones and the catch-all", () => {
    const templates = ["api/{*rest}", "api/{id}", "api/{id:int}", "api/me"];
    const ranked = templates.toSorted((a, b) => (parseRoute(a).rank < parseRoute(b).rank ? -1 : 1));
    expect(ranked).toEqual(["api/me", "api/{id:int}", "api/{id}", "api/{*rest}"]);
  });

  it.each(["api/a-{id}", "api/{id:regex(x)}", "api/{id:unknown}"])("refuses %s", (template) => {
    expect(() => parseRoute(template)).toThrow(expect.objectContaining({ code: "functionInvalid" }));
  });
});
