import fc from "fast-check";
import { pick, type Random } from "../faults/random.ts";
import { basic } from "../support/requests.ts";
import { anyToken, cookiesOf } from "./endpoints.ts";
import { junkBodies, junkText, junkValue, marker } from "./junk.ts";
import type { Body, Field, FuzzRequest, Value } from "./request.ts";
import type { World } from "./world.ts";

/** One thing that is changed in a request; `at` chooses the field by its place, whatever the number. */
export type Mutation =
  | { readonly op: "drop" | "repeat" | "rename" | "relocate" | "alter" | "swap"; readonly at: number }
  | { readonly op: "set" | "add"; readonly at: number; readonly value: Value }
  | { readonly op: "method"; readonly method: string }
  | { readonly op: "path"; readonly at: number }
  | { readonly op: "authorization" | "cookie"; readonly at: number; readonly text: string }
  | { readonly op: "header"; readonly name: string; readonly text: string }
  | { readonly op: "body"; readonly at: number };

const at = fc.nat({ max: 1_000 });
const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];
const headerNames = [
  ..."origin host content-type accept mcp-protocol-version mcp-session-id mcp-method mcp-name last-event-id".split(
    " ",
  ),
  ..."x-forwarded-for forwarded x-http-method-override traceparent if-none-match range content-encoding idempotency-key".split(
    " ",
  ),
];

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ op: fc.constantFrom("drop", "repeat", "rename", "relocate", "alter", "swap"), at }),
  fc.record({ op: fc.constantFrom("set", "add"), at, value: junkValue }),
  fc.record({ op: fc.constant("method"), method: fc.constantFrom(...methods) }),
  fc.record({ op: fc.constant("path"), at }),
  fc.record({ op: fc.constantFrom("authorization", "cookie"), at, text: junkText }),
  fc.record({ op: fc.constant("header"), name: fc.constantFrom(...headerNames), text: junkText }),
  fc.record({ op: fc.constant("body"), at }),
) as fc.Arbitrary<Mutation>;

const textOf = (value: Value): string => ("text" in value ? value.text : value.raw);

/** Another text that is almost this one. */
function altered(text: string, random: Random): string {
  const middle = Math.floor(random() * text.length);
  return pick<() => string>(random, [
    () => text.slice(0, middle),
    () => text.slice(middle),
    () => `${text.slice(0, middle)}${text[middle] === "a" ? "b" : "a"}${text.slice(middle + 1)}`,
    () => `${text}${marker}`,
    () => `${text} `,
    () => text.toUpperCase(),
    () => `${text}\u0000`,
    () => text + text,
  ])();
}

type ChangeField = (field: Field, fields: readonly Field[]) => readonly Field[];

/** The fields of a form, a query or the members of JSON: whichever the request has. */
function withFields(
  request: FuzzRequest,
  change: (fields: readonly Field[]) => readonly Field[],
): FuzzRequest {
  const { body, query } = request;
  if (body.kind === "form") return { ...request, body: { ...body, fields: change(body.fields) } };
  if (body.kind !== "json") return { ...request, query: change(query) };
  if (typeof body.value !== "object" || body.value === null) return request;
  const members = Object.entries(body.value);
  const fields = members.map(([name, value]) => ({
    name,
    value: { text: typeof value === "string" ? value : JSON.stringify(value) },
  }));
  const kept = new Map(members);
  const changed = change(fields).map(({ name, value }) => [
    name,
    changedMember(kept.get(name), textOf(value)),
  ]);
  return { ...request, body: { kind: "json", value: Object.fromEntries(changed) } };
}

/** What was not changed keeps its type. */
const changedMember = (before: unknown, text: string): unknown =>
  before !== undefined && JSON.stringify(before) === text ? before : text;

const changeAt = (request: FuzzRequest, place: number, change: ChangeField): FuzzRequest =>
  withFields(request, (fields) => {
    const field = fields[place % Math.max(1, fields.length)];
    if (!field) return fields;
    return fields.flatMap((each) => (each === field ? change(each, fields) : [each]));
  });

function changeField(
  request: FuzzRequest,
  mutation: Mutation & { at: number },
  world: World,
  random: Random,
) {
  const { op, at: place } = mutation;
  const set = (value: Value) => changeAt(request, place, ({ name }) => [{ name, value }]);
  switch (op) {
    case "drop":
      return changeAt(request, place, () => []);
    case "repeat":
      return changeAt(request, place, (field) => [field, field]);
    case "rename":
      return changeAt(request, place, ({ name, value }) => [{ name: altered(name, random), value }]);
    case "relocate":
      return { ...request, query: request.body.kind === "form" ? request.body.fields : [] };
    case "alter":
      return changeAt(request, place, ({ name, value }) => [
        { name, value: { text: altered(textOf(value), random) } },
      ]);
    case "swap":
      return set({ text: anyToken(world, random) });
    default:
      return request;
  }
}

const paths: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}/${marker}`,
  (path) => `${path}%00`,
  (path) => `${path}%ff${marker}`,
  (path) => `${path}/../../auth/token`,
  (path) => `${path}/%2e%2e/token`,
  (path) => path.toUpperCase(),
  (path) => `${path};${marker}=1`,
  (path) => path.slice(0, -1) || "/",
  (path) => `${path}${"a".repeat(4_000)}`,
  (path) => path.replaceAll("a", "%61"),
  (path) => `http://${marker}.invalid${path}`,
  (path) => `${path}?${marker}`,
  (path) => `${path}#${marker}`,
  () => "*",
];

function authorizationOf(before: string, text: string, place: number, world: World, random: Random): string {
  const token = anyToken(world, random);
  const shapes = [
    text,
    `Bearer ${text}`,
    `Bearer ${token}`,
    `Bearer ${altered(token, random)}`,
    `Bearer  ${token}, Bearer ${token}`,
    "Bearer",
    "Bearer ",
    "Basic",
    `Basic ${text}`,
    `Basic ${Buffer.from(text.toWellFormed()).toString("base64")}`,
    basic(world.anyClient(random).id, text.toWellFormed()).authorization,
    basic("", "").authorization,
    `DPoP ${token}`,
    `Digest username="${marker}"`,
    altered(before, random),
    before.replace(/^\w+/, (scheme) => scheme.toLowerCase()),
  ];
  return shapes[place % shapes.length] ?? "";
}

function cookieOf(before: string, text: string, place: number, world: World, random: Random): string {
  const others = cookiesOf(world.people.any(random).person).cookie;
  const shapes = [
    text,
    others,
    altered(before, random),
    `${before}; ${others}`,
    `dacapo_session=${text}`,
    `dacapo_session=${anyToken(world, random)}`,
    "dacapo_session=; dacapo_sign_in=",
    `__Host-dacapo_session=${text}; ${before}`,
    `dacapo_session="${marker}`,
    ";;;===",
  ];
  return shapes[place % shapes.length] ?? "";
}

function bodyOf(body: Body, place: number): Body {
  if (place % 4 === 0 && body.kind === "form")
    return {
      kind: "json",
      value: Object.fromEntries(body.fields.map(({ name, value }) => [name, textOf(value)])),
    };
  if (place % 4 === 1 && body.kind === "json" && typeof body.value === "object" && body.value !== null) {
    const fields = Object.entries(body.value).map(([name, value]) => ({
      name,
      value: { text: String(value) },
    }));
    return { kind: "form", fields };
  }
  if (place % 4 === 2) return { kind: "none" };
  const junk = junkBodies[place % junkBodies.length];
  return junk ? { kind: "bytes", bytes: Buffer.from(junk.text, "latin1"), type: junk.type } : body;
}

/** The request with one thing changed. */
export function mutate(request: FuzzRequest, mutation: Mutation, world: World, random: Random): FuzzRequest {
  const { headers } = request;
  switch (mutation.op) {
    case "set":
      return changeAt(request, mutation.at, ({ name }) => [{ name, value: mutation.value }]);
    case "add":
      return withFields(request, (fields) => [
        ...fields,
        { name: fields[mutation.at % Math.max(1, fields.length)]?.name ?? "added", value: mutation.value },
      ]);
    case "method":
      return { ...request, method: mutation.method };
    case "path":
      return { ...request, path: (paths[mutation.at % paths.length] ?? String)(request.path) };
    case "authorization": {
      const { authorization = "" } = headers;
      const changed = authorizationOf(authorization, mutation.text, mutation.at, world, random);
      return { ...request, headers: { ...headers, authorization: changed } };
    }
    case "cookie": {
      const changed = cookieOf(headers.cookie ?? "", mutation.text, mutation.at, world, random);
      return { ...request, headers: { ...headers, cookie: changed } };
    }
    case "header":
      return { ...request, headers: { ...headers, [mutation.name]: mutation.text } };
    case "body":
      return { ...request, body: bodyOf(request.body, mutation.at) };
    default:
      return changeField(request, mutation, world, random);
  }
}
