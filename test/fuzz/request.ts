/** A value of a field: text that is encoded for the wire, or bytes of the wire as they are. */
export type Value = { readonly text: string } | { readonly raw: string };

export interface Field {
  readonly name: string;
  readonly value: Value;
}

export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "form"; readonly fields: readonly Field[] }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly type: string };

/** What the sender knows of an authorization request, to redeem the code that it may bring. */
export interface Memo {
  readonly clientId: string;
  readonly verifier: string;
}

/** A request before it is put on the wire, so that its parts can be changed one by one. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly Field[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly memo?: Memo;
}

/** The path and query of a URL that may name a host and a fragment too (RFC 9112 §3.2.2); letters stand for themselves. */
export const pathOf = (url: string): string =>
  url
    .replace(/^https?:\/\/[^/?#*]*/, "")
    .replace(/#.*$/, "")
    .replaceAll("%61", "a");

/** What is sent. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/** The fields of an object; null leaves one out. */
export const fieldsOf = (values: Readonly<Record<string, string | null>>): readonly Field[] =>
  Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value: { text: value } }],
  );

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** The fields on the wire. */
export const encodeFields = (fields: readonly Field[]): string =>
  fields
    .map(({ name, value }) => `${encoded(name)}=${"raw" in value ? value.raw : encoded(value.text)}`)
    .join("&");

function encodeBody(body: Body): { payload: string | Buffer; type?: string } {
  switch (body.kind) {
    case "none":
      return { payload: "" };
    case "form":
      return { payload: encodeFields(body.fields), type: "application/x-www-form-urlencoded" };
    case "json":
      return { payload: JSON.stringify(body.value) ?? "", type: "application/json" };
    case "bytes":
      return { payload: body.bytes, type: body.type };
  }
}

/** What no HTTP client would send is sent by the test of malformed HTTP. */
const sendable = (value: string): string => value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "?").trim();
const sendablePath = (path: string): string => path.replaceAll(/[^\x21-\xff]/g, encoded);

/** Puts a request on the wire. */
export function toWire({ method, path, query, headers, body }: FuzzRequest): WireRequest {
  const { payload, type } = encodeBody(body);
  const search = query.length === 0 ? "" : `?${encodeFields(query)}`;
  const bytes = Buffer.from(payload);
  const all = {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(bytes.length > 0 ? { "content-length": String(bytes.length) } : {}),
    ...headers,
  };
  return {
    method,
    url: sendablePath(`${path}${search}`),
    headers: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, sendable(value)])),
    payload: bytes,
  };
}
