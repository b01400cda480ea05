import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WhatIf } from "../../../application/audit/what-if/policy.ts";
import { type WhatIfReport, whatIf } from "../../../application/audit/what-if/what-if.ts";
import { catalog } from "../../../application/events/catalog.ts";
import type { EventStore, ReadOptions, StoredEvent } from "../../../application/ports/event-store.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import type { GrantCommand } from "../../../domain/grant/commands.ts";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { type GrantEvent, type GrantTerms, sign } from "../../../domain/grant/grant.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import { isRefusal } from "../../../domain/oauth/refusal.ts";
import { type SessionCommand, sessionDecider } from "../../../domain/session/decide.ts";
import { openRefusedTable } from "../../../infrastructure/audit/refused-table.ts";
import * as commands from "../../support/grant-commands.ts";
import { at, code, terms } from "../../support/grant-events.ts";
import { play, policy, type Turn } from "../../support/grant-run.ts";
import { type Happening, happenings } from "../../support/grant-story.ts";
import {
  minutes,
  session as sessionAt,
  policy as sessionPolicy,
  sessions,
} from "../../support/session-events.ts";
import { Stream } from "../../support/stream.ts";

/** What was appended, and to which stream. */
type Appended = readonly [stream: string, event: DomainEvent];

/** The makers of events write short names where a hash belongs. */
const withHashes = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data), (name, value: unknown) =>
    /hash$/i.test(name) && typeof value === "string" && value.length !== 43 ? sha256(value) : value,
  );

/** A log that holds these events, as far as anybody reads one; memory is enough. */
function logOf(appended: readonly Appended[]): Pick<EventStore, "read" | "readAll"> {
  const streams = new Map<string, StoredEvent[]>();
  const log = appended.map(([stream, { type, data }], at): StoredEvent => {
    const own = streams.get(stream) ?? [];
    streams.set(stream, own);
    const event: StoredEvent = {
      id: String(at),
      type,
      version: catalog[type]?.version ?? 1,
      data: withHashes(data),
      metadata: { actor: "system", correlationId: "test" },
      stream,
      revision: own.length,
      position: BigInt(at + 1),
      time: at,
    };
    own.push(event);
    return event;
  });
  return {
    async read(stream, { direction, from, limit }: ReadOptions) {
      const own = streams.get(stream) ?? [];
      if (direction === "backwards") return own.toReversed().slice(0, limit);
      return own.filter(({ revision }) => revision >= (from ?? 0)).slice(0, limit);
    },
    readAll: async (after, limit) => log.slice(Number(after), Number(after) + limit),
  };
}

/** What would have come of these events, and who would have been hit. */
async function askWhatIf(
  appended: readonly Appended[],
  other: Partial<WhatIf>,
  { from = 0n, to = BigInt(appended.length) }: { readonly from?: bigint; readonly to?: bigint } = {},
): Promise<WhatIfReport & { readonly clients: readonly string[]; readonly users: readonly string[] }> {
  const refused = openRefusedTable();
  try {
    const question = { whatIf: { removeScopes: [], ...other }, from, to, limit: 1_000 };
    const report = await whatIf(logOf(appended) as EventStore, refused, question);
    const ids = (what: "client" | "user") => refused.hits(what, 9).most.map(({ id }) => id);
    return { ...report, clients: ids("client"), users: ids("user") };
  } finally {
    refused.close();
  }
}

/** The events of a story that was played through the grants' decider. */
function eventsOf(turns: readonly Turn[], stream = "grant-g1"): readonly Appended[] {
  const first = turns[0]?.before;
  const events: readonly GrantEvent[] = [...(first ? [first] : []), ...turns.flatMap(({ events }) => events)];
  return events.map((event) => [stream, event]);
}

/** A client as it is registered. */
const registeredClient = {
  clientId: "app",
  name: "App",
  type: "public",
  applicationType: "web",
  authMethods: ["none"],
  redirectUris: [code.redirectUri],
  grantTypes: ["authorization_code", "refresh_token"],
  scopes: ["read", "write"],
  tokenFormat: "jwt",
  jwks: null,
  jwksUri: null,
  clientUri: null,
  softwareId: null,
  origin: "operator",
  secrets: [],
  registrationTokenHash: null,
  epoch: 0,
  status: "active",
  registeredAt: 0,
};

/** The right client refreshes with the newest token but so many. */
const refreshing = (pick: number): Happening => ({
  kind: "refresh",
  pick,
  forged: false,
  clientId: "app",
  scope: undefined,
  audience: undefined,
  user: ["read", "write"],
  resources: terms.audience,
});

/** A grant of one code, redeemed after this many seconds, then refreshed at these. */
function family(
  grantId: string,
  redeemedAt: number,
  refreshes: readonly number[],
  own: Partial<GrantTerms> = {},
): readonly Appended[] {
  const stream = new Stream(grantDecider, (event, revision) => sign(event, sha256(`access ${revision}`)));
  const ownTerms = { ...terms, grantId, ...own };
  stream.execute({ type: "authorize", terms: ownTerms, code });
  const presented = { hash: code.hash, issuedBy: stream.events[0] };
  stream.execute(commands.redeem({ presented, now: at(redeemedAt), clientId: ownTerms.clientId }));
  for (const time of refreshes) {
    const revision = stream.revision;
    const grant = stream.state;
    if (grant?.status !== "active") throw new TypeError("the grant has ended");
    const token = { hash: grant.refreshToken?.hash ?? "", revision, issuedBy: stream.events[revision] };
    stream.execute(
      commands.refresh(stream.events, revision, at(time), { presented: token, clientId: ownTerms.clientId }),
    );
  }
  return stream.events.map((event) => [`grant-${grantId}`, event]);
}

const client = (clientId: string, type: "public" | "confidential"): Appended => [
  `client-${clientId}`,
  { type: "client.registered", data: { client: { ...registeredClient, clientId, type } } },
];

const rulesOf = ({ rules }: WhatIfReport) => Object.fromEntries(rules);
const hour = 3_600;

describe("under another policy", () => {
  it.each<[name: string, history: readonly Appended[], other: Partial<WhatIf>, rules: object]>([
    [
      "codes of 30 seconds",
      family("g", 40, [100]),
      { codeLifetime: 30_000 },
      { "The authorization code has expired": { refused: 1, following: 1 } },
    ],
    [
      "refresh tokens of an hour",
      family("g", 1, [hour, 3 * hour, 3.5 * hour]),
      { refreshTokenLifetime: hour * 1_000 },
      { "The refresh token has expired": { refused: 1, following: 1 } },
    ],
    [
      "grants of two hours",
      family("g", 1, [hour, 3 * hour]),
      { grantLifetime: 2 * hour * 1_000 },
      { "The refresh token has expired": { refused: 1, following: 0 } },
    ],
    ["a scope that nobody has, of several", family("g", 1, [5]), { removeScopes: ["write"] }, {}],
    [
      "no scope that is left",
      family("g", 1, [5]),
      { removeScopes: ["write", "read"] },
      { "No scope that was granted is left": { refused: 1, following: 2 } },
    ],
    [
      "no public clients",
      [
        client("app", "public"),
        client("web", "confidential"),
        ...family("g", 1, [5]),
        ...family("h", 1, [5], { clientId: "web" }),
      ],
      { allowPublicClients: false },
      { "Public clients are not allowed": { refused: 1, following: 2 } },
    ],
  ])("%s: what the deciders say", async (_, history, other, rules) => {
    expect(rulesOf(await askWhatIf(history, other))).toEqual(rules);
  });

  it("a code without a challenge needs PKCE", async () => {
    const pending = { status: "pending", ...terms, code: { ...code, challenge: null } };
    const bare: Appended = ["grant-g1", { type: "grant.authorized", data: { grant: pending } }];
    expect(rulesOf(await askWhatIf([bare], { requirePkce: true }))).toEqual({
      "PKCE is required": { refused: 1, following: 0 },
    });
    expect(rulesOf(await askWhatIf([bare], { requirePkce: false }))).toEqual({});
  });

  it("a repeat outside a shorter grace window is a reuse, and ends the family", async () => {
    const turns = play([refreshing(0), { kind: "wait", time: 3_000 }, refreshing(1), refreshing(0)]);
    const report = await askWhatIf(eventsOf(turns), { graceWindow: 1_000 });
    expect(report.refused.map(({ event, because }) => [event.type, because?.position])).toEqual([
      ["grant.refresh_token.repeated", undefined],
      ["grant.refresh_token.rotated", 4n],
    ]);
  });

  it("tells who would have been hit, each refusal once, and what it follows from", async () => {
    const history = [
      ...family("g", 40, [100, 200]),
      ...family("h", 50, [], { userId: "bob", clientId: "web" }),
      ...family("i", 1, [9]),
    ];
    const report = await askWhatIf(history, { codeLifetime: 30_000 });
    expect([report.clients, report.users]).toEqual([
      ["app", "web"],
      ["ada", "bob"],
    ]);
    expect(report.decisions.get("redemptions")).toEqual({ decided: 3, refused: 2, narrowed: 0 });
    expect(report.decisions.get("refreshes")).toEqual({ decided: 3, refused: 2, narrowed: 0 });
    expect(
      report.refused.map(({ event, because }) => [`${event.stream}@${event.revision}`, because?.position]),
    ).toEqual([
      ["grant-g@1", undefined],
      ["grant-g@2", 2n],
      ["grant-g@3", 2n],
      ["grant-h@1", undefined],
    ]);
  });

  it("shorter access tokens refuse nothing that is in the log, and are counted", async () => {
    const report = await askWhatIf(family("g", 0, [100, 700, 2_000]), { accessTokenLifetime: 300_000 });
    expect(report.rules.size).toBe(0);
    // The second refresh alone came when only the shorter token before it would have been dead.
    expect(report).toMatchObject({ shorter: 4, lateRefreshes: 1 });
  });

  it("less scope hits whoever had more, where something is left", async () => {
    const report = await askWhatIf(family("g", 1, [5]), { removeScopes: ["write"] });
    expect(report.refused.map(({ outcome }) => outcome)).toEqual(["narrowed", "narrowed", "narrowed"]);
    expect(report.decisions.get("refreshes")).toEqual({ decided: 1, refused: 0, narrowed: 1 });
    expect([report.clients, report.users]).toEqual([["app"], ["ada"]]);
    expect(report.rules.size).toBe(0);
  });

  it("only what was decided between two positions is decided again, on what was before", async () => {
    const history = family("g", 40, [100, 200, 300]);
    const report = await askWhatIf(
      history,
      { codeLifetime: 1, refreshTokenLifetime: 50_000 },
      { from: 3n, to: 4n },
    );
    expect(report).toMatchObject({
      events: 1,
      rules: new Map([["The refresh token has expired", { refused: 1, following: 0 }]]),
    });
  });

  it("what cannot be read, and what rests on it, is not decided", async () => {
    const history = family("g", 1, [5, 9]).map(
      ([stream, event], index): Appended => [stream, index === 1 ? { ...event, data: {} } : event],
    );
    expect(await askWhatIf(history, { refreshTokenLifetime: 1 })).toMatchObject({ undecided: 2 });
  });
});

describe("sessions under another policy", () => {
  /** Sessions of ada that start, and are used, at these minutes. */
  function signedIn(
    ...steps: readonly (readonly [sessionId: string, minute: number])[]
  ): readonly Appended[] {
    const stream = new Stream(sessionDecider);
    for (const [sessionId, minute] of steps) {
      const isLive = stream.state.live.some((live) => live.sessionId === sessionId);
      const own = {
        ...sessionAt(sessionId, minute),
        policy: { ...sessionPolicy, maxPerUser: 5 },
        now: minutes(minute),
      };
      stream.execute(isLive ? { ...own, type: "touch", origin: undefined } : { ...own, type: "start" });
    }
    return stream.events.map((event) => ["sessions-ada", event]);
  }

  const authorizedBy = (sessionId: string, minute: number): Appended => [
    `grant-by-${sessionId}`,
    {
      type: "grant.authorized",
      data: {
        grant: {
          status: "pending",
          ...terms,
          grantId: `by-${sessionId}`,
          sessionId,
          authorizedAt: minutes(minute),
          code,
        },
      },
    },
  ];

  it.each<[name: string, other: Partial<WhatIf>, refused: readonly string[]]>([
    ["as it was", {}, []],
    ["ten minutes", { sessionTtl: 600_000 }, ["sessions-ada@2", "grant-by-s1@0"]],
    ["no sliding", { sliding: false }, ["sessions-ada@2", "grant-by-s1@0"]],
    ["half an hour at most", { sessionLifetime: 1_800_000 }, ["sessions-ada@2", "grant-by-s1@0"]],
    ["a minute for those remembered", { rememberedLifetime: 60_000 }, []],
  ])("their life: %s", async (_, other, refused) => {
    const history = [...signedIn(["s1", 0], ["s1", 9], ["s1", 31]), authorizedBy("s1", 32)];
    const report = await askWhatIf(history, other);
    expect(report.refused.map(({ event }) => `${event.stream}@${event.revision}`)).toEqual(refused);
  });

  it("a sign-in that would have been over when the person agreed gives no grant", async () => {
    const history = [...signedIn(["s1", 0]), authorizedBy("s1", 12)];
    expect(rulesOf(await askWhatIf(history, { sessionTtl: 600_000 }))).toEqual({
      "The session had expired": { refused: 1, following: 0 },
    });
  });

  it("the oldest makes room under a lower limit, and opens nothing after that", async () => {
    const history = [
      ...signedIn(["s1", 0], ["s2", 1], ["s1", 5], ["s2", 6]),
      authorizedBy("s1", 7),
      authorizedBy("s2", 7),
    ];
    const report = await askWhatIf(history, { maxSessionsPerUser: 1 });
    expect(report.refused.map(({ event }) => `${event.stream}@${event.revision}`)).toEqual([
      "sessions-ada@2",
      "grant-by-s1@0",
    ]);
    expect(rulesOf(report)).toEqual({ "Ended by the limit of sessions": { refused: 2, following: 0 } });
  });

  it("an MCP session needs an access token that lives, and a grant that was given", async () => {
    const openedBy = { grantId: "g", clientId: "app", revision: 1, scope: ["read"] };
    const mcp = { ...sessionAt("m1", 0), kind: "mcp" as const, openedBy, startedAt: at(600) };
    const opened: Appended = [
      "sessions-ada",
      { type: "session.started", data: { session: mcp, sessions: sessions([mcp]) } },
    ];
    const history = [...family("g", 40, []), opened];
    expect(rulesOf(await askWhatIf(history, {}))).toEqual({});
    expect(rulesOf(await askWhatIf(history, { accessTokenLifetime: 300_000 }))).toEqual({
      "The access token had expired": { refused: 1, following: 0 },
    });
    expect(rulesOf(await askWhatIf(history, { codeLifetime: 30_000 }))).toEqual({
      "The authorization code has expired": { refused: 1, following: 1 },
    });
  });
});

const day = 86_400_000;

const recorded: Partial<WhatIf> = {
  accessTokenLifetime: policy.accessTokenLifetime,
  refreshTokenLifetime: policy.refreshTokenLifetime,
  graceWindow: policy.graceWindow,
  grantLifetime: terms.expiresAt - terms.authorizedAt,
  codeLifetime: code.expiresAt - terms.authorizedAt,
  requirePkce: true,
  allowPublicClients: true,
};

const refusedBy = async (appended: readonly Appended[], other: Partial<WhatIf>) => {
  const { refused, undecided } = await askWhatIf(appended, other);
  expect(undecided).toBe(0);
  return refused;
};

/** Whether a command was answered with a token. */
const isIssued = ({ answer }: Turn): boolean => !isRefusal(answer) && "accessToken" in answer;

/** The same command under other rules, with what was presented as this stream issued it. */
function under(command: GrantCommand, other: Partial<WhatIf>, events: readonly GrantEvent[]): GrantCommand {
  if (command.type !== "redeem_code" && command.type !== "refresh") return command;
  const own = {
    ...command.policy,
    accessTokenLifetime: other.accessTokenLifetime ?? command.policy.accessTokenLifetime,
    refreshTokenLifetime: other.refreshTokenLifetime ?? command.policy.refreshTokenLifetime,
    graceWindow: other.graceWindow ?? command.policy.graceWindow,
  };
  if (command.type === "redeem_code")
    return { ...command, policy: own, presented: { ...command.presented, issuedBy: events[0] } };
  const { presented } = command;
  return { ...command, policy: own, presented: { ...presented, issuedBy: events[presented.revision] } };
}

/** The revision of the first recorded token that the decider itself, from the beginning on, would not have given. */
function firstRefusal(turns: readonly Turn[], other: Partial<WhatIf>): number | undefined {
  const stream = new Stream(grantDecider, (event, revision) => sign(event, sha256(`access ${revision}`)));
  const { grantLifetime = terms.expiresAt - terms.authorizedAt } = other;
  const own = { ...terms, expiresAt: terms.authorizedAt + grantLifetime };
  stream.execute({ type: "authorize", terms: own, code });
  // A request that was refused without an event is not in the log.
  for (const turn of turns.filter(({ events }) => events.length > 0)) {
    const revision = stream.revision + 1;
    const { answer } = stream.execute(under(turn.command, other, stream.events));
    if (isIssued(turn) && isRefusal(answer)) return revision;
  }
  return undefined;
}

describe("recorded decisions of grants", () => {
  it("are all made again as they were by the rules of then, said or not", () =>
    fc.assert(
      fc.asyncProperty(happenings, async (story) => {
        const appended = eventsOf(play(story));
        expect(await refusedBy(appended, {})).toEqual([]);
        expect(await refusedBy(appended, recorded)).toEqual([]);
      }),
      { numRuns: 40 },
    ));

  const stricter = fc.record(
    {
      refreshTokenLifetime: fc.constantFrom(2_000, 5_000, 20 * day, 35 * day),
      graceWindow: fc.constantFrom(0, 2_000, 5_000),
      grantLifetime: fc.constantFrom(10_000, 30 * day, 60 * day),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Partial<WhatIf>>;

  it("are refused from where the decider itself would have refused, to the end of the grant", () => {
    let refusals = 0;
    return fc
      .assert(
        fc.asyncProperty(happenings, stricter, async (story, other) => {
          const turns = play(story);
          const refused = await refusedBy(eventsOf(turns), other);
          const first = firstRefusal(turns, other);
          refusals += first === undefined ? 0 : 1;
          expect(refused[0]?.event.revision).toBe(first);
          const issued = turns
            .filter((turn) => isIssued(turn) && first !== undefined)
            .flatMap(({ events }) => events);
          const after = issued.filter(
            (event) => "accessToken" in event.data && event.data.accessToken.revision >= (first ?? 0),
          );
          expect(refused.length).toBe(after.length);
          expect(refused.filter(({ because }) => because === undefined).length).toBe(
            Math.min(1, refused.length),
          );
        }),
        { numRuns: 60 },
      )
      .then(() => expect(refusals).toBeGreaterThan(5));
  });
});

describe("recorded decisions of sessions", () => {
  const happening = fc.record({
    does: fc.constantFrom(
      "start" as const,
      "start" as const,
      "touch" as const,
      "touch" as const,
      "end" as const,
      "expire" as const,
    ),
    kind: fc.constantFrom("browser" as const, "mcp" as const),
    remembered: fc.boolean(),
    pick: fc.nat(4),
    wait: fc.constantFrom(0, 20_000, 60_000, 10 * 60_000, 31 * 60_000),
  });
  type SessionHappening = typeof happening extends fc.Arbitrary<infer Happening> ? Happening : never;
  const limits = { ...sessionPolicy, absoluteLifetime: 45 * 60_000 };
  const rememberedLifetime = 2 * 60 * 60_000;

  function commandFor(
    it: SessionHappening,
    live: readonly { sessionId: string }[],
    number: number,
    now: number,
  ): SessionCommand {
    const sessionId = live[it.pick % Math.max(1, live.length)]?.sessionId ?? "unknown";
    if (it.does === "expire") return { type: "expire", now };
    if (it.does === "end") return { type: "end", sessionId, reason: "signed_out", now };
    if (it.does === "touch") return { type: "touch", sessionId, policy: limits, now };
    const remembered = it.remembered && it.kind === "browser";
    const lifetimes = remembered ? { ttl: rememberedLifetime, absoluteLifetime: rememberedLifetime } : {};
    return {
      type: "start",
      sessionId: `session-${number}`,
      userId: "ada",
      userEpoch: 0,
      kind: it.kind,
      openedBy: null,
      origin: null,
      remembered,
      secretHash: "s",
      policy: { ...limits, ...lifetimes },
      now,
    };
  }

  it("are all made again as they were by the rules of then, said or not", () =>
    fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 120, size: "max" }), async (story) => {
        const stream = new Stream(sessionDecider);
        let now = minutes(0);
        story.forEach((it, number) => {
          now += it.wait;
          stream.execute(commandFor(it, stream.state.live, number, now));
        });
        const appended = stream.events.map((event): Appended => ["sessions-ada", event]);
        expect(await refusedBy(appended, {})).toEqual([]);
        const same = {
          sessionTtl: limits.ttl,
          sliding: true,
          maxSessionsPerUser: limits.maxPerUser,
          sessionLifetime: limits.absoluteLifetime,
          rememberedLifetime,
        };
        expect(await refusedBy(appended, same)).toEqual([]);
      }),
      { numRuns: 40 },
    ));
});
