import type { StoredEvent } from "../../application/ports/event-store.ts";
import { descriptionForm } from "../support/expect-error.ts";
import { marker } from "./junk.ts";
import { pathOf, type WireRequest } from "./request.ts";
import type { Answer } from "./send.ts";
import type { World } from "./world.ts";

/** One request, its answer, and what it left in the log. */
export interface Exchange {
  readonly wire: WireRequest;
  readonly answer: Answer;
  readonly events: readonly StoredEvent[];
}

type Oracle = (exchange: Exchange, world: World) => string | undefined;

/** What a stack trace is known by. */
export const stack = /(?:\n|\\n) +at |node_modules|\.ts:\d+|node:internal/;

/** RFC 9110 §15.6.4: what cannot be answered is 503 and says when to come again; no other 5xx is meant. */
const isNoFailure: Oracle = ({ answer: { status, headers } }) =>
  status < 500 || (status === 503 && headers["retry-after"] !== undefined)
    ? undefined
    : `it is answered ${status}`;

const hasNoStack: Oracle = ({ answer: { text } }) =>
  stack.test(text) ? "the answer tells of our code" : undefined;

function isOAuthError(value: Record<string, unknown>): boolean {
  const keys = Object.keys(value).sort().join();
  return keys === "error,error_description" && descriptionForm.test(String(value.error_description));
}

/** An error of JSON-RPC (§5.1), which the packages of MCP make. */
const isRpcError = (value: Record<string, unknown>): boolean =>
  value.jsonrpc === "2.0" && typeof value.error === "object";

const isProblem = (value: Record<string, unknown>): boolean =>
  typeof value.title === "string" && typeof value.status === "number";

function faultOfErrorText({ wire, answer }: Exchange): string | undefined {
  const body: unknown = JSON.parse(answer.text);
  if (typeof body !== "object" || body === null) return "an error is no object";
  const error = body as Record<string, unknown>;
  if (isRpcError(error) && pathOf(wire.url).startsWith("/mcp")) return undefined;
  if (answer.text.includes(marker)) return "an error repeats what was sent";
  const isOurs = isOAuthError(error) || isProblem(error);
  return isOurs ? undefined : "an error has no form of ours";
}

/** RFC 6749 §5.2, RFC 9457: an error has its form, its text is ASCII, and nothing that was sent stands in it. */
const tellsErrorsWell: Oracle = (exchange) => {
  const { status, text, headers } = exchange.answer;
  const type = String(headers["content-type"]);
  if (type.startsWith("text/html"))
    return text.includes(`<${marker}`) || text.includes(`${marker}<b>`)
      ? "a page has markup of its sender"
      : undefined;
  // HEAD has no words.
  if (status < 400 || exchange.wire.method === "HEAD") return undefined;
  if (!/^application\/(?:problem\+)?json/.test(type)) return `an error is of the type ${type}`;
  return faultOfErrorText(exchange);
};

/** The query of a redirect to a client. */
const redirected = ({ headers: { location } }: Answer): URLSearchParams =>
  URL.parse(location ?? "")?.searchParams ?? new URLSearchParams();

const tellsClientsWell: Oracle = ({ answer }) => {
  const description = redirected(answer).get("error_description");
  if (description === null) return undefined;
  return descriptionForm.test(description) && !description.includes(marker)
    ? undefined
    : "a client is told what was sent";
};

const addsNoHeader: Oracle = ({ answer: { headers } }) =>
  "x-injected" in headers || String(headers["www-authenticate"]).includes(marker)
    ? "a header has what was sent"
    : undefined;

/**
 * An old refresh token inside its window is answered by the successor that it has already (RFC 9700 §4.14.2), and an
 * administrator who sends an idempotency key again as at first.
 */
const mayRepeat = ({ wire, answer }: Exchange): boolean =>
  answer.status < 300 &&
  (pathOf(wire.url).startsWith("/auth/token") ||
    (pathOf(wire.url).startsWith("/admin/") && "idempotency-key" in wire.headers));

/** No secret reaches anybody who did not send it himself; and no error repeats one, whoever sent it. */
const keepsSecrets: Oracle = (exchange, world) => {
  const { wire, answer } = exchange;
  const told = world.secretsIn(`${JSON.stringify(answer.headers)} ${answer.text}`);
  if (told.length === 0) return undefined;
  const sent = decodeURIComponentSafely(`${wire.url} ${JSON.stringify(wire.headers)} ${wire.payload}`);
  const basicCredentials = Buffer.from(String(wire.headers.authorization).split(" ")[1] ?? "", "base64");
  const known = new Set(world.secretsIn(`${sent} ${basicCredentials}`));
  const isJsonError = answer.status >= 400 && !String(answer.headers["content-type"]).startsWith("text/html");
  const isRpc = answer.text.includes('"jsonrpc"');
  if (isJsonError && !isRpc) return "an error holds a secret";
  return told.every((secret) => known.has(secret)) || mayRepeat(exchange)
    ? undefined
    : "a secret reaches whom it was not meant for";
};

const decodeURIComponentSafely = (text: string): string =>
  text.replaceAll(/%[\dA-F]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));

const isCacheable =
  /^\/+(?:openapi\.json|docs\/|auth\/(?:jwks|assets\/|\.well-known\/)|\.well-known\/|livez|$|\?)|^\*/;

/** RFC 6749 §5.1: what the authorization server and the tools answer, and every error, is kept by nobody. */
const isNotStored: Oracle = ({ wire, answer: { status, headers } }) => {
  if (wire.method === "OPTIONS" || headers["cache-control"] === "no-store") return undefined;
  if (status < 400 && isCacheable.test(pathOf(wire.url))) return undefined;
  if (status === 204 || pathOf(wire.url).startsWith("/mcp"))
    return status === 200 && /^\/mcp\//.test(pathOf(wire.url)) ? "a tool's answer may be stored" : undefined;
  return "the answer may be stored";
};

/** What a refused request may leave: what its decider names (I10), and that a session was in use. */
const named = [
  "session.slid",
  "grant.code.replayed",
  "grant.refresh_token.reused",
  "grant.revoked",
  "client.assertion.used",
  "idempotency_key.used",
  "idempotency_key.repeated",
];

/** Which requests change nothing, though they are answered well. */
const isReading =
  /^\/(?:$|\?|livez|health|readyz|openapi\.json|docs|\.well-known|auth\/(?:jwks|login|logout|introspect|\.well-known))/;

/** I10: a refused request leaves no event but those that are named, and one that only reads leaves none. */
const leavesNoEvent: Oracle = ({ wire, answer, events }) => {
  const isRefused = answer.status >= 400 || redirected(answer).has("error");
  const isMcpError = answer.status === 200 && /^\{"success":false/.test(answer.text);
  const reads =
    isReading.test(pathOf(wire.url)) &&
    !(wire.method === "POST" && /^\/auth\/log(?:in|out)/.test(pathOf(wire.url)));
  if (!isRefused && !isMcpError && !reads) return undefined;
  const strange = events
    .map(({ type }) => type)
    .filter((type) => type !== "refusals.counted" && !named.includes(type));
  return strange.length === 0 ? undefined : `a request that was refused left ${strange.join(", ")}`;
};

/** An event belongs to the request that it names. */
const ownsItsEvents: Oracle = ({ answer: { headers }, events }) => {
  const strange = events.filter(
    ({ type, metadata }) => type !== "refusals.counted" && metadata.correlationId !== headers["x-request-id"],
  );
  return strange.length === 0 ? undefined : `${strange.map(({ type }) => type)} is of no request`;
};

/** What the parser of HTTP refuses reaches no route, and has no id (RFC 6585 §5, RFC 9110 §15.5.1). */
const isOfTransport = ({ answer: { status, headers } }: Exchange): boolean =>
  headers["x-request-id"] === undefined && [400, 408, 431].includes(status);

const oracles: readonly Oracle[] = [
  isNoFailure,
  hasNoStack,
  tellsErrorsWell,
  tellsClientsWell,
  addsNoHeader,
  keepsSecrets,
  isNotStored,
  leavesNoEvent,
  ownsItsEvents,
];

const shown = (text: string): string =>
  text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text;

/** @throws where an exchange is not as it must always be */
export function judge(exchange: Exchange, world: World): void {
  if (isOfTransport(exchange)) return;
  const faults = oracles.flatMap((oracle) => oracle(exchange, world) ?? []);
  if (faults.length === 0) return;
  const { wire, answer } = exchange;
  throw new Error(
    [
      faults.join("; "),
      `${wire.method} ${shown(wire.url)}`,
      shown(JSON.stringify(wire.headers)),
      shown(wire.payload.toString("latin1")),
      `-> ${answer.status} ${shown(JSON.stringify(answer.headers))}`,
      shown(answer.text),
    ].join("\n"),
  );
}
