import { parseCode, parseRefreshToken } from "../../domain/oauth/token-forms.ts";
import type { GrantType } from "../support/history/entry.ts";
import type { Call, TokenAnswer } from "../support/history.ts";
import type { Exchange } from "./oracle.ts";
import { type Memo, pathOf, type WireRequest } from "./request.ts";
import type { World } from "./world.ts";

const formOf = ({ payload }: WireRequest): URLSearchParams => new URLSearchParams(payload.toString());

function basicId(authorization: string | undefined): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? "")?.[1];
  return encoded && decodeURIComponent(Buffer.from(encoded, "base64").toString().split(":")[0] ?? "");
}

/** The client that a request names, as far as it can be told from outside. */
export function claimedClient(wire: WireRequest): string {
  const form = formOf(wire);
  const assertion = form.get("client_assertion")?.split(".")[1];
  try {
    if (assertion) return String(JSON.parse(Buffer.from(assertion, "base64url").toString()).sub);
    return basicId(wire.headers.authorization) ?? form.get("client_id") ?? "";
  } catch {
    return "";
  }
}

const jsonOf = (text: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
};

type Learn = (exchange: Exchange, world: World, call: Call, memo: Memo | undefined) => void;

/** Where the token endpoint answered, or refused a code or refresh token that looks like one. */
const fromToken: Learn = ({ wire, answer }, world, call) => {
  const form = formOf(wire);
  const grantType = form.get("grant_type") as GrantType;
  const presented = form.get("code") ?? form.get("refresh_token");
  const isKnown = presented !== null && (parseCode(presented) ?? parseRefreshToken(presented)) !== undefined;
  if (answer.status !== 200 && !isKnown) return;
  const body = jsonOf(answer.text) as unknown as TokenAnswer;
  call.token(grantType, grantType === "client_credentials" ? null : presented, answer.status, body);
  if (answer.status !== 200) return;
  const clientId = claimedClient(wire);
  world.keep(answer.text);
  if (body.access_token !== undefined) world.accessTokens.add({ token: body.access_token, clientId });
  if (body.refresh_token !== undefined) world.refreshTokens.add({ token: body.refresh_token, clientId });
};

/** A revocation of what the client really holds; an unknown token is answered 200 too and means nothing. */
const fromRevocation: Learn = ({ wire, answer, events }, _world, call) => {
  const token = formOf(wire).get("token");
  if (token !== null && events.length > 0) call.revoke(token, answer.status);
};

const fromIntrospection: Learn = ({ wire, answer }, _world, call) => {
  const token = formOf(wire).get("token");
  if (token === null || answer.status !== 200) return;
  call.introspect(token, 200, jsonOf(answer.text).active === true);
};

const codeForm = /(?:[?&]code=|name="code" value=")(dcc_[\w-]{22}\.[\w-]{43})/;

/** A code that was sent to the client, by query or by form. */
const fromAuthorization: Learn = ({ answer }, world, call, memo) => {
  const [code] = codeForm.exec(answer.headers.location ?? answer.text)?.slice(1) ?? [];
  if (code === undefined || !memo) return;
  call.code(code);
  world.keep(code);
  world.codes.add({ code, ...memo });
};

const sessionCookie = /dacapo_session=([^;]+)/;

const fromSignIn: Learn = ({ answer }, world, call) => {
  const cookie = sessionCookie.exec(String(answer.headers["set-cookie"]))?.[1];
  if (answer.status !== 303 || cookie === undefined) return;
  call.signIn(cookie);
  world.keep(cookie);
};

/** A sign-out, where its own event says that a session has ended. */
const fromSignOut: Learn = ({ answer, events }, _world, call) => {
  for (const { type, data } of events)
    if (type === "session.ended") call.ended("session", endedBy(data).sessionId ?? "", answer.status);
};

/** Whose end an event of a session or a user tells. */
const endedBy = (data: unknown): { readonly sessionId?: string; readonly userId?: string } => {
  const { session, user } = data as { session?: { sessionId: string }; user?: { userId: string } };
  return session ?? user ?? {};
};

/** Who was signed out by whatever happened is signed in no more. */
function loseSessions({ events }: Exchange, world: World): void {
  for (const { type, data } of events) {
    if (type !== "session.ended" && type !== "user.signed_out_everywhere") continue;
    const { sessionId, userId = "" } =
      type === "session.ended" ? { ...endedBy(data), userId: "" } : endedBy(data);
    for (const one of [...world.people]) {
      const cookie = one.person.cookies.get("dacapo_session") ?? "";
      if (cookie.includes(sessionId ?? userId)) world.people.remove(one);
    }
  }
}

const fromRegistration: Learn = ({ wire, answer }, world, call) => {
  // What a client calls itself is no secret any more.
  if (answer.status < 300) world.forget(wire.payload.toString());
  if (answer.status === 201) world.addRegistered(jsonOf(answer.text));
  if (answer.status === 200 && wire.method === "PUT") world.keep(String(jsonOf(answer.text).client_secret));
  if (answer.status !== 204) return;
  const id = decodeURIComponent(pathOf(wire.url).split("?")[0]?.split("/")[3] ?? "");
  const client = world.clientOf(id);
  call.ended("client", id, 200);
  if (client) world.registered.remove(client);
};

const fromMcpSession: Learn = ({ wire, answer }, world) => {
  if (answer.status !== 200) return;
  const id = String(jsonOf(answer.text).session_id);
  world.keep(id);
  world.mcpSessions.add({ id, token: wire.headers.authorization?.split(" ").at(-1) ?? "" });
};

const fromTools: Learn = ({ wire, answer }, _world, call) => {
  const token = /^bearer +(\S+)$/i.exec(wire.headers.authorization ?? "")?.[1];
  if (token !== undefined && answer.status === 200) call.resource(token, answer.status);
};

/** What an administrator made; its secret is for nobody else. */
const fromAdministration: Learn = ({ wire, answer }, world) => {
  // What somebody calls a user or a client is no secret any more.
  if (answer.status < 300) world.forget(wire.payload.toString());
  if (answer.status !== 201) return;
  const { client_secret, resource_secret } = jsonOf(answer.text);
  world.keep(String(client_secret ?? resource_secret));
  world.made.add(new URL(answer.headers.location ?? "").pathname);
};

const lessons: readonly (readonly [methods: string, path: RegExp, learn: Learn])[] = [
  ["POST", /^\/auth\/token(?:\?|$)/, fromToken],
  ["POST", /^\/auth\/revoke(?:\?|$)/, fromRevocation],
  ["POST", /^\/auth\/introspect(?:\?|$)/, fromIntrospection],
  ["GET POST", /^\/auth\/(?:authorize|consent)(?:\?|$)/, fromAuthorization],
  ["POST", /^\/auth\/login(?:\?|$)/, fromSignIn],
  ["POST", /^\/auth\/logout(?:\?|$)/, fromSignOut],
  ["POST PUT DELETE", /^\/auth\/register(?:\/[^/]+)?(?:\?|$)/, fromRegistration],
  ["POST", /^\/mcp\/session\/create(?:\?|$)/, fromMcpSession],
  ["POST", /^\/admin\/(?:users|clients|resources)(?:\?|$)/, fromAdministration],
  ["GET", /^\/mcp\/tools(?:\?|$)/, fromTools],
];

/** Takes up what an answer brought: into the world, for later requests, and into the history, to be checked at the end. */
export function learn(exchange: Exchange, world: World, call: Call, memo: Memo | undefined): void {
  loseSessions(exchange, world);
  const { method, url } = exchange.wire;
  call.as(String(exchange.answer.headers["x-request-id"] ?? ""));
  const lesson = lessons.find(
    ([methods, path]) => methods.split(" ").includes(method) && path.test(pathOf(url)),
  );
  lesson?.[2](exchange, world, call, memo);
}
