import { parseSessionToken } from "../../domain/oauth/token-forms.ts";
import type { History } from "../support/history.ts";
import type { Person } from "../support/person.ts";
import type { Deployment } from "./deployment.ts";
import { type Driver, type Tokens, tokensOf } from "./driver.ts";
import type { LoadOptions } from "./load.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";
import type { TokenPool } from "./token-pool.ts";

/** What the clients of a load share. */
export interface LoadContext {
  readonly deployment: Pick<Deployment, "machine" | "cli">;
  readonly history: History;
  readonly random: Random;
  readonly tally: Tally;
  readonly pool: TokenPool;
  isStopped(): boolean;
  /** A client of a server by chance. */
  any(): Driver;
  /** These were just answered to be dead: every server must say so from now on. */
  buried(tokens: readonly string[]): Promise<void>;
  /** Asks one server about a token that was answered to be dead. */
  stillDead(token: string): Promise<void>;
  pause(milliseconds: number): Promise<void>;
}

type Loop = (context: LoadContext) => Promise<void>;

const breath = 10;
const afterFailure = 100;

/** What pages do while a server is gone, or answers 503, is counted and tried again. */
async function attempt<T>({ tally, pause }: LoadContext, kind: string, work: () => Promise<T>) {
  const started = performance.now();
  const count = (status: number) => tally.count(kind, status, performance.now() - started);
  try {
    const result = await work();
    count(200);
    return result;
  } catch {
    count(0);
    await pause(afterFailure);
    return undefined;
  }
}

const signIn = (context: LoadContext, username: string) =>
  attempt(context, "sign-in", () => context.any().signIn(username));

const begin = (context: LoadContext, person: Person) =>
  attempt(context, "family", () => context.any().tokens(person));

/** Refreshes a family for a while and answers all its tokens; a refresh without an answer is repeated. */
async function refresh(context: LoadContext, first: Tokens, times: number) {
  let current = first;
  const accessTokens = [first.accessToken];
  for (let n = 0; n < times && !context.isStopped(); n += 1) {
    const answer = await context.any().refresh(current.refreshToken);
    if (answer.status === 200) {
      current = tokensOf(answer);
      accessTokens.push(current.accessToken);
      context.pool.add(current.accessToken);
      await context.any().introspect(current.accessToken);
    } else if (answer.status >= 400 && answer.status < 500) {
      return { current, accessTokens, isOver: true };
    }
    await context.pause(answer.status === 200 ? breath : afterFailure);
  }
  return { current, accessTokens, isOver: false };
}

const families: Loop = async (context) => {
  while (!context.isStopped()) {
    const person = await signIn(context, "alice");
    for (let n = 0; person && n < 4 && !context.isStopped(); n += 1) {
      const first = await begin(context, person);
      if (!first) break;
      const { current, accessTokens, isOver } = await refresh(context, first, 15);
      if (isOver || (await context.any().revoke(current.refreshToken)) !== 200) continue;
      await context.buried(accessTokens.slice(-10));
    }
  }
};

const machines: Loop = async (context) => {
  while (!context.isStopped()) {
    const { status, body } = await context.any().clientCredentials(context.deployment.machine);
    if (body.access_token !== undefined) context.pool.add(body.access_token);
    await context.pause(status === 200 ? breath : afterFailure);
  }
};

const introspections: Loop = async (context) => {
  const { pool, random } = context;
  while (!context.isStopped()) {
    const living = pool.living(random);
    if (living !== undefined) await context.any().introspect(living);
    const dead = pool.dead(random);
    if (dead !== undefined) await context.stillDead(dead);
    await context.pause(breath);
  }
};

/** The demo client may revoke its own tokens, the machine its own; whose a token is, is not known here: both ask. */
const revocations: Loop = async (context) => {
  const { deployment } = context;
  while (!context.isStopped()) {
    const { status, body } = await context.any().clientCredentials(deployment.machine);
    const token = body.access_token;
    if (token !== undefined) {
      await context.any().introspect(token);
      if ((await context.any().revoke(token, deployment.machine)) === 200) await context.buried([token]);
    }
    await context.pause(status === 200 ? breath : afterFailure);
  }
};

const signOuts: Loop = async (context) => {
  while (!context.isStopped()) {
    const person = await signIn(context, "admin");
    const tokens = person && (await begin(context, person));
    if (!person || !tokens) continue;
    await context.any().introspect(tokens.accessToken);
    const status = await attempt(context, "sign-out", () => context.any().signOut(person));
    if (status === 200) await context.buried([tokens.accessToken]);
  }
};

const disables: Loop = async (context) => {
  const { deployment, history, tally } = context;
  while (!context.isStopped()) {
    const person = await signIn(context, "bob");
    const tokens = person && (await begin(context, person));
    const session = parseSessionToken(person?.cookies.get("dacapo_session") ?? "");
    if (!tokens || !session) continue;
    const call = history.begin("operator");
    const started = performance.now();
    const { code } = await deployment.cli(["user", "disable", "bob"]);
    const status = code === 0 ? 200 : 503;
    call.ended("user", session.userId, status);
    tally.count("disable", status, performance.now() - started);
    if (code === 0) await context.buried([tokens.accessToken]);
    while (!context.isStopped() && (await deployment.cli(["user", "enable", "bob"])).code !== 0);
  }
};

/** What each kind of client does, again and again. */
export const loops: Readonly<Record<keyof LoadOptions, Loop>> = {
  families,
  machines,
  introspections,
  revocations,
  signOuts,
  disables,
};
