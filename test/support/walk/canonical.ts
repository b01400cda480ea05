import type { GrantState } from "../../../domain/grant/grant.ts";
import type { Ledger } from "./ledger.ts";
import { type Actor, clientIdOf, type Flight, policy, terms, type World } from "./world.ts";

/** Names times by their distance from now, and tokens by their order: all that a decision can tell apart. */
interface Naming {
  readonly token: (revision: number | undefined) => string;
  /** An expiry; all that have passed for every request under way are the same. */
  readonly expiry: (time: number) => number;
  /** The time of a use; all that lie outside the grace window are the same. */
  readonly use: (time: number) => number;
}

function tokensOf({ unspent, lastSpent, oldest }: Ledger): readonly (number | undefined)[] {
  return [...unspent.map(({ revision }) => revision), lastSpent?.revision, oldest];
}

function tokensOfGrant(grant: GrantState): readonly (number | undefined)[] {
  return grant?.status === "active" ? [grant.refreshToken?.revision, grant.spent?.revision] : [];
}

function naming({ now, ledger, log, flights }: World): Naming {
  const inFlight = Object.values(flights);
  const earliest = Math.min(now, ...inFlight.map((flight) => flight.now));
  const mentioned = inFlight.flatMap(({ request, ledger: then, loaded }) => [
    "token" in request ? request.token : undefined,
    ...tokensOf(then),
    ...tokensOfGrant(log[loaded - 1]?.data.grant),
  ]);
  const all = [...tokensOf(ledger), ...tokensOfGrant(log.at(-1)?.data.grant), ...mentioned];
  const order = [...new Set(all)].filter((token) => token !== undefined).sort((a, b) => a - b);
  return {
    token: (revision) => (revision === undefined ? "-" : String(order.indexOf(revision))),
    expiry: (time) => Math.max(time, earliest) - now,
    use: (time) => Math.max(time, earliest - policy.graceWindow - 1) - now,
  };
}

function ofLedger(
  { alive, redeemed, unspent, lastSpent, oldest }: Ledger,
  { token, expiry, use }: Naming,
): string {
  const tokens = unspent.map(({ revision, expiresAt }) => `${token(revision)}<${expiry(expiresAt)}`);
  const spent = lastSpent ? `${token(lastSpent.revision)}@${use(lastSpent.at)}x${lastSpent.repeats}` : "";
  return `${alive ? "+" : "-"}${redeemed ? "r" : ""}[${tokens}]${spent}|${token(oldest)}`;
}

function ofGrant(grant: GrantState, { token, expiry, use }: Naming): string {
  if (grant?.status === "pending") return `pending<${expiry(grant.code.expiresAt)}`;
  if (grant?.status !== "active") return "ended";
  const { refreshToken, spent } = grant;
  const current = refreshToken && [
    token(refreshToken.revision),
    use(refreshToken.issuedAt),
    expiry(refreshToken.expiresAt),
  ];
  return `active(${current}|${spent && `${token(spent.revision)}x${spent.repeats}`})`;
}

function ofFlight(actor: Actor, flight: Flight, world: World, naming: Naming): string {
  const { request, now, userScope, loaded, ledger } = flight;
  const asked =
    request.kind === "redeem"
      ? request.verifier
      : [naming.token(request.token), request.forged, "scope" in request && request.scope].join();
  const seen =
    loaded === world.log.length
      ? ""
      : ofGrant(world.log[loaded - 1]?.data.grant, naming) + ofLedger(ledger, naming);
  return [clientIdOf(actor), request.kind, asked, now - world.now, userScope.length, seen].join(":");
}

/**
 * The same text for all worlds that go on alike. The app and the thief look alike to the server, so whose request is
 * under way is left out.
 */
export function canonical(world: World): string {
  const names = naming(world);
  const flights = (Object.entries(world.flights) as [Actor, Flight][])
    .map(([actor, flight]) => ofFlight(actor, flight, world, names))
    .sort();
  return [
    names.expiry(terms.expiresAt),
    world.userScope.length,
    ofGrant(world.log.at(-1)?.data.grant, names),
    ofLedger(world.ledger, names),
    ...flights,
  ].join("/");
}
