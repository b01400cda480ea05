import type { Clock } from "../../../application/ports/clock.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import { Appender } from "./appender.ts";
import { Claim, type ClaimTimes } from "./claim.ts";
import { ClaimStream } from "./claim-stream.ts";
import { type Connection, connect, disconnect } from "./connection.ts";
import { identify } from "./log-id.ts";
import type { Patience } from "./patience.ts";
import { EventStoreDbEventStore } from "./store.ts";
import { Tail } from "./tail.ts";

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`, with credentials and the client's options. */
  readonly url: string;
  /** The id that the log is to have: an empty database takes it, another log is refused. */
  readonly logId?: string | undefined;
  /** Names who is to use the log alone. The same one may take it over from itself, as after a crash. */
  readonly claim?: string | undefined;
  /** Gives events their time. */
  readonly clock?: Pick<Clock, "now"> | undefined;
  /** How long the server may take. */
  readonly patience?: Patience | undefined;
  readonly claimTimes?: ClaimTimes | undefined;
}

const defaultPatience: Patience = { perTry: 2_000, total: 4_000 };
const defaultClaimTimes: ClaimTimes = { renewEvery: 10_000, validFor: 30_000 };

/**
 * Opens the log in an EventStoreDB, which any number of processes may read and append to; one only with `claim`.
 * @throws an error in plain words, without credentials, where the address, the log or another holder is in the way
 * @throws {Unavailable} where the server does not answer
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const { url, patience = defaultPatience } = options;
  const connection = connect(url);
  let claim: Claim | undefined;
  try {
    const appender = new Appender(connection, patience);
    claim = await takeClaim(options, new ClaimStream(connection, appender, patience));
    const { logId, position } = await identify(connection, appender, patience, options.logId);
    const tail = new Tail(connection, patience, position);
    const { clock = Date } = options;
    const parts = { logId, connection, appender, tail, claim, clock, patience };
    return new EventStoreDbEventStore({ ...parts, disconnect: () => disconnect(url) });
  } catch (error) {
    await claim?.release();
    await disconnect(url);
    throw error;
  }
}

async function takeClaim(options: EventStoreDbOptions, stream: ClaimStream): Promise<Claim | undefined> {
  const { claim: holder, claimTimes = defaultClaimTimes } = options;
  return holder === undefined ? undefined : await Claim.take(stream, holder, claimTimes);
}

/** Who holds a live claim to the log; undefined where nobody does. @throws {Unavailable} */
export async function readClaim(
  options: Pick<EventStoreDbOptions, "url" | "patience">,
): Promise<string | undefined> {
  const { url, patience = defaultPatience } = options;
  const connection: Connection = connect(url);
  try {
    const stream = new ClaimStream(connection, new Appender(connection, patience), patience);
    return (await stream.current()).live?.holder;
  } finally {
    await disconnect(url);
  }
}
