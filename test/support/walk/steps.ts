import type { Decider } from "../../../domain/decider.ts";
import type { GrantAnswer, GrantCommand } from "../../../domain/grant/commands.ts";
import type { GrantEvent, GrantState } from "../../../domain/grant/grant.ts";
import { judge, type Violation, whatCame } from "./judge.ts";
import { settle } from "./ledger.ts";
import { type Actor, commandOf, type Flight, policy, type Request, type World } from "./world.ts";

export type GrantDecider = Decider<GrantState, GrantCommand, GrantEvent, GrantAnswer>;

/** The rules under test: the decider, and whether an append checks the stream's revision. */
export interface Rules {
  readonly decider: GrantDecider;
  readonly checksRevision: boolean;
}

export interface Step {
  readonly name: string;
  readonly world: World;
  readonly violation?: Violation | undefined;
}

const actors: readonly Actor[] = ["app", "thief", "other"];

/** Everything that one may ask for now: each kind of token there is, and one that was never issued. */
function requests({ ledger }: World): readonly Request[] {
  const current = ledger.unspent.at(-1)?.revision;
  const tokens = new Set(
    [current, ledger.lastSpent?.revision, ledger.oldest].filter((token) => token !== undefined),
  );
  const refreshes = [...tokens].map(
    (token) => ({ kind: "refresh", token, forged: false, scope: undefined }) as const,
  );
  const variants =
    current === undefined
      ? []
      : ([
          { kind: "refresh", token: current, forged: false, scope: ["read"] },
          { kind: "refresh", token: current, forged: false, scope: ["read", "admin"] },
          { kind: "refresh", token: current, forged: true, scope: undefined },
          { kind: "revoke", token: current, forged: false },
          { kind: "revoke", token: current, forged: true },
        ] as const);
  return [
    { kind: "redeem", verifier: "right" },
    { kind: "redeem", verifier: "wrong" },
    ...refreshes,
    ...variants,
  ];
}

const withFlight = (world: World, actor: Actor, flight: Flight | undefined): World => {
  if (flight === world.flights[actor]) return world;
  const { [actor]: _, ...others } = world.flights;
  return { ...world, flights: flight ? { ...others, [actor]: flight } : others };
};

/**
 * A request has loaded the stream and decides. Where it has nothing to append it is answered at once, which loses no
 * interleaving: its answer depends on what it loaded alone, and nobody else can tell when it came.
 */
function load(world: World, actor: Actor, flight: Flight, name: string, { decider }: Rules): Step {
  const { events, answer } = decide(world, actor, flight, decider);
  if (events.length > 0) return { name, world: withFlight(world, actor, flight) };
  const outcome = { answer, events, log: world.log };
  return {
    name: `${name} and gets: ${whatCame(outcome)}`,
    world: withFlight(world, actor, undefined),
    violation: judge(actor, flight, outcome, world.ledger, world.ledger),
  };
}

const decide = ({ log }: World, actor: Actor, flight: Flight, decider: GrantDecider) => {
  const loaded = log.slice(0, flight.loaded);
  const state = loaded.slice(-1).reduce(decider.evolve, decider.initialState);
  return decider.decide(commandOf(actor, flight, loaded), state, flight.loaded - 1);
};

function begin(world: World, actor: Actor, request: Request, rules: Rules): Step {
  const { now, userScope, ledger, log } = world;
  const flight = { request, now, userScope, ledger, loaded: log.length };
  return load(world, actor, flight, `${actor} asks ${JSON.stringify(request)}`, rules);
}

/** It appends what it decided; where somebody was faster it loads and decides again. */
function finish(world: World, actor: Actor, flight: Flight, rules: Rules): Step {
  if (rules.checksRevision && flight.loaded !== world.log.length) {
    const reloaded = { ...flight, loaded: world.log.length, ledger: world.ledger };
    return load(world, actor, reloaded, `${actor} is too late, loads again`, rules);
  }
  const { events, answer } = decide(world, actor, flight, rules.decider);
  const outcome = { answer, events, log: [...world.log, ...events] };
  const came = whatCame(outcome);
  const ledger = settle(world.ledger, flight, came, world.log.length);
  return {
    name: `${actor} gets: ${came}`,
    world: withFlight({ ...world, log: outcome.log, ledger }, actor, undefined),
    violation: judge(actor, flight, outcome, world.ledger, ledger),
  };
}

const wait = (world: World, name: string, time: number): Step => ({
  name,
  world: { ...world, now: world.now + time },
});

/** All that may happen next. */
export function* steps(world: World, rules: Rules): Generator<Step> {
  for (const actor of actors) {
    const flight = world.flights[actor];
    if (flight) yield finish(world, actor, flight, rules);
    else for (const request of requests(world)) yield begin(world, actor, request, rules);
  }
  yield wait(world, "the grace window passes", policy.graceWindow + 1);
  yield wait(world, "the refresh token expires", policy.refreshTokenLifetime);
  if (world.userScope.includes("write"))
    yield { name: "the user may not write any more", world: { ...world, userScope: ["read"] } };
}
