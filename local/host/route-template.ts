import { HostError } from "./host-error.ts";

/** Parses a path into route parameters; undefined when it does not match. */
export interface RouteTemplate {
  match(path: string): Record<string, string> | undefined;
  /** Orders templates as ASP.NET does: literals before constrained parameters, these before free ones, catch-all last. */
  readonly rank: string;
}

interface Segment {
  readonly kind: "literal" | "constrained" | "parameter" | "catchAll";
  /** Parameter name, or the literal in lower case: routes ignore case. */
  readonly text: string;
  readonly optional: boolean;
  readonly accepts: (value: string) => boolean;
}

const constraints: Record<string, RegExp> = {
  int: /^[+-]?\d{1,10}$/,
  long: /^[+-]?\d{1,19}$/,
  bool: /^(?:true|false)$/i,
  alpha: /^[a-z]*$/i,
  guid: /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
};

const kinds = ["literal", "constrained", "parameter", "catchAll"];

/** @throws HostError `functionInvalid` for a template that this host does not understand. */
export function parseRoute(template: string): RouteTemplate {
  const segments = split(template).map(parseSegment);
  return { match: (path) => match(segments, path), rank: segments.map(({ kind }) => kinds.indexOf(kind)).join("") };
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function parseSegment(text: string): Segment {
  const parameter = /^\{(\*{0,2})(\w+)((?::\w+)*)(\?)?\}$/.exec(text);
  if (!parameter) {
    if (/[{}]/.test(text)) throw new HostError("functionInvalid", `The route segment "${text}" is not supported.`);
    return {
      kind: "literal",
      text: text.toLowerCase(),
      optional: false,
      accepts: (v) => v.toLowerCase() === text.toLowerCase(),
    };
  }
  const [, stars = "", name = "", constraintText = "", optional] = parameter;
  const checks = constraintText.split(":").slice(1).map(constraint);
  const kind = stars ? "catchAll" : checks.length > 0 ? "constrained" : "parameter";
  return {
    kind,
    text: name,
    optional: optional === "?" || kind === "catchAll",
    accepts: (value) => checks.every((check) => check.test(value)),
  };
}

function constraint(name: string): RegExp {
  const check = constraints[name];
  if (!check) throw new HostError("functionInvalid", `The route constraint "${name}" is not supported.`);
  return check;
}

function match(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  const parts = split(path).map(decode);
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = segment.kind === "catchAll" ? parts.slice(index).join("/") : parts[index];
    if (value === undefined || value === "") {
      if (!segment.optional) return undefined;
    } else {
      if (!segment.accepts(value)) return undefined;
      if (segment.kind !== "literal") params[segment.text] = value;
    }
  }
  const takesRest = segments.at(-1)?.kind === "catchAll";
  return parts.length <= segments.length || takesRest ? params : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // ASP.NET leaves a malformed escape as it stands.
    return part;
  }
}
