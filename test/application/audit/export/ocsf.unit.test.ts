import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ocsfWriter } from "../../../../application/audit/export/ocsf/event.ts";
import type { AuditRecord } from "../../../../application/audit/export/record.ts";
import { appendedAt, golden, recordFrom, recordOfType, storedAs } from "./records.ts";

interface Shape {
  readonly attributes: readonly string[];
  readonly required: readonly string[];
  readonly deprecated: readonly string[];
  readonly constraints: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
}

interface Schema {
  readonly version: string;
  readonly classes: Readonly<Record<string, Shape & { name: string; category: number; activities: object }>>;
  readonly objects: Readonly<Record<string, Shape>>;
  readonly objectOf: Readonly<Record<string, string>>;
  readonly enums: Readonly<Record<string, readonly number[]>>;
  readonly types: Readonly<Record<string, string>>;
}

/** What the published schema names. */
const schema: Schema = JSON.parse(
  readFileSync(new URL("../../../fixtures/ocsf/1.8.0.json", import.meta.url), "utf8"),
);

type Json = Readonly<Record<string, unknown>>;

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  string_t: (value) => typeof value === "string",
  username_t: (value) => typeof value === "string",
  ip_t: (value) => typeof value === "string",
  integer_t: Number.isInteger,
  long_t: Number.isInteger,
  timestamp_t: Number.isInteger,
  boolean_t: (value) => typeof value === "boolean",
};

function typeFaults(name: string, value: unknown, within: string): readonly string[] {
  const [, type = "", list = ""] = /^(\w+?)(\[\])?$/.exec(schema.types[name] ?? "") ?? [];
  const values = list === "" ? [value] : Array.isArray(value) ? value : [undefined];
  const ids = schema.enums[`${within}.${name}`] ?? schema.enums[name];
  return [
    ...(type !== "" && !values.every((one) => isOfType[type]?.(one))
      ? [`${within}.${name} is no ${type}`]
      : []),
    ...(ids && !ids.includes(value as number) ? [`${within}.${name} may not be ${value}`] : []),
  ];
}

/** What the schema says against a value of this shape, at any depth. */
function faultsOf(value: Json, shape: Shape | undefined, within: string): readonly string[] {
  if (!shape) return [`${within} is unknown`];
  const names = Object.keys(value);
  const { at_least_one: some, just_one: one } = shape.constraints;
  return [
    ...names.filter((name) => !shape.attributes.includes(name)).map((name) => `${within} has no ${name}`),
    ...names
      .filter((name) => shape.deprecated.includes(name))
      .map((name) => `${within}.${name} is deprecated`),
    ...shape.required.filter((name) => !names.includes(name)).map((name) => `${within} needs ${name}`),
    ...(some && !some.some((name) => names.includes(name)) ? [`${within} needs one of ${some}`] : []),
    ...(one && one.filter((name) => names.includes(name)).length !== 1
      ? [`${within} needs just one of ${one}`]
      : []),
    ...names.flatMap((name) => {
      const member = value[name];
      const object = schema.objectOf[name];
      if (object === undefined) return typeFaults(name, member, within);
      return [member].flat().flatMap((each) => faultsOf(each as Json, schema.objects[object], object));
    }),
  ];
}

const writer = ocsfWriter({ issuer: "https://as.example", version: "1.2.3" });

const eventOf = (record: AuditRecord) => JSON.parse(writer.line(record));

const faults = (event: Json) =>
  faultsOf(event, schema.classes[String(event.class_uid)], String(event.class_uid));

it.each(golden)("$type version $version is an event of the published schema", (golden) => {
  const event = eventOf(recordFrom(storedAs(golden)));
  expect(faults(event)).toEqual([]);
  const of = schema.classes[event.class_uid];
  expect(event.category_uid).toBe(of?.category);
  expect(event.class_name).toBe(of?.name);
  expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
  const { activity_id: id, activity_name: name } = event;
  expect(of?.activities).toHaveProperty(String(id));
  if (id !== 99) expect(of?.activities).toHaveProperty(String(id), name);
  expect(event.metadata.version).toBe(schema.version);
  expect(event.unmapped.data).toBeDefined();
});

it("notices an unknown member, a missing one, a wrong type and an id that is none", () => {
  const good = eventOf(recordOfType("session.started"));
  expect(faults({ ...good, colour: "red" })).toEqual(["3002 has no colour"]);
  expect(faults({ ...good, user: { ...good.user, shoe: 42 } })).toEqual(["user has no shoe"]);
  expect(faults({ ...good, time: "now" })).toEqual(["3002.time is no timestamp_t"]);
  expect(faults({ ...good, severity_id: 9 })).toEqual(["3002.severity_id may not be 9"]);
  const { service: _service, user: _user, ...without } = good;
  expect(faults(without)).toEqual(["3002 needs user", "3002 needs one of service,dst_endpoint"]);
});

it("tells a sign-in as a logon, and whose", () => {
  const personal = { address: "192.0.2.7", agent: "Firefox" };
  const event = eventOf(recordOfType("session.started", {}, personal));
  expect(event).toMatchObject({
    type_uid: 300201,
    time: appendedAt,
    status_id: 1,
    user: { uid: "u_AZuF2jQAcAGAAAAAAAAAAg", type_id: 1 },
    session: { uid: expect.any(String), issuer: "https://as.example" },
    src_endpoint: { ip: "192.0.2.7" },
    http_request: { user_agent: "Firefox" },
    metadata: { correlation_uid: "request-1", event_code: "session.started" },
    unmapped: { revealed: true },
  });
  expect(faults(event)).toEqual([]);
  expect(eventOf(recordOfType("user.registered", {}, { username: "ada" })).user).toMatchObject({
    name: "ada",
  });
});

it.each([
  ["/auth/login wrong_password", null, 300201, { name: "unknown", type_id: 0 }],
  ["/auth/token invalid_client", "c_1", 300201, { uid: "c_1", type_id: 4 }],
  ["/auth/token invalid_grant", "c_1", 99, undefined],
])("tells %s as what it is, with its count", (kind, clientId, type, user) => {
  const data = { kind, clientId, count: 12, windowStart: 1_000, windowEnd: 61_000 };
  const event = eventOf(recordFrom(storedAs({ type: "refusals.counted", version: 1, data })));
  expect(event).toMatchObject({ type_uid: type, status_id: 2, severity_id: 2, status_code: kind });
  expect(event).toMatchObject({ count: 12, start_time: 1_000, end_time: 61_000 });
  expect(event.user).toEqual(user);
  expect(faults(event)).toEqual([]);
});

it("makes theft stand out, and tells who set a password", () => {
  expect(eventOf(recordOfType("grant.code.replayed"))).toMatchObject({ severity_id: 4, status_id: 2 });
  const replayed = golden.find(({ type }) => type === "grant.revoked");
  expect(eventOf(recordFrom(storedAs(replayed ?? (golden[0] as never))))).toMatchObject({ severity_id: 3 });
  expect(eventOf(recordOfType("user.password_changed")).type_uid).toBe(300103);
  const byOperator = { metadata: { actor: "operator", correlationId: "cli-1" } };
  expect(eventOf(recordOfType("user.password_changed", byOperator)).type_uid).toBe(300104);
});
