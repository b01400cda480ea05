import type { DomainEvent } from "../../../domain/decider.ts";
import type { Session } from "../../../domain/session/session.ts";
import type { Context } from "../../context.ts";
import { type PersonalFields, personalFieldsOf } from "../../personal-fields.ts";
import { isPerson, openClientOrigin, openOrigin } from "../../session-origin.ts";
import type { Recall } from "./observed.ts";

/** An address in its canonical form and the networks around it, in CIDR form. */
export interface AddressParts {
  readonly address: string;
  readonly block: string;
  readonly vicinity: string;
}

/** From where an event came, as blind indexes: equal for equal places, and nothing without the master key. */
export interface Network {
  readonly address: string;
  readonly block: string;
  /** Its vicinity by every version of the master key, newest first, as earlier events may know it by an older one. */
  readonly vicinities: readonly string[];
  /** The block in the clear, under a key of the deployment. */
  readonly sealedBlock: string;
  /** Whose session it is: the id of a user, or of a client that acts for itself. */
  readonly owner: string;
}

export interface OriginDependencies extends Pick<Context, "log" | "secrets"> {
  /** The parts of an IP address; undefined for all that is none. */
  readonly addressParts: (address: string) => AddressParts | undefined;
}

/** What a block is sealed for. */
export const blockContext = "block of addresses";

/** The terms of an address, or of a block in CIDR form, by every version of the master key. */
export const addressTerms = ({ secrets }: Pick<Context, "secrets">, place: string): readonly string[] =>
  secrets.macs("audit_address", place).map(({ value }) => `address:${value}`);

const events: ReadonlySet<string> = new Set(["session.started", "session.slid", "session.ended"]);

const placeKey = ({ sessionId }: Session): string => `origin:${sessionId}`;

/**
 * Whether an event may tell of another place: one that is sealed once is carried on as it is from event to event. The
 * beginning of what is sealed is random, so it tells one sealing from another.
 */
function isNews(session: Session, origin: string, recall: Recall): boolean {
  const beginning = origin.slice(0, 24);
  if (recall.get(placeKey(session)) === beginning) return false;
  recall.set(placeKey(session), beginning, session.userId);
  return true;
}

/**
 * Reads where sessions are opened, and where they are used afterwards if that is another place, while the keys of their
 * people are there. Undefined for every event that tells of no place, or of none that is new.
 */
export function createOrigins(
  { log, secrets, addressParts }: OriginDependencies,
  isErased: (userId: string) => boolean,
): (event: DomainEvent, recall: Recall) => Promise<Network | undefined> {
  const known = new Map<string, Promise<PersonalFields | undefined>>();
  const blind = (place: string) => `address:${secrets.mac("audit_address", place).value}`;

  /** The same for many events in a row: one read a person. */
  function fieldsOf(userId: string): Promise<PersonalFields | undefined> {
    if (known.size > 1_000) known.clear();
    const fields = known.get(userId) ?? personalFieldsOf({ log, secrets }, userId);
    known.set(userId, fields);
    return fields;
  }

  async function addressOf(session: Session, recall: Recall): Promise<string | undefined> {
    const { userId, origin } = session;
    if (origin === null || isErased(userId) || !isNews(session, origin, recall)) return undefined;
    const opened = isPerson(userId)
      ? openOrigin(await fieldsOf(userId), session)
      : openClientOrigin({ secrets }, session);
    return opened?.address;
  }

  return async ({ type, data }, recall) => {
    if (!events.has(type)) return undefined;
    const { session } = data as { readonly session: Session };
    if (type === "session.ended") {
      recall.forget(placeKey(session));
      return undefined;
    }
    const address = await addressOf(session, recall);
    const parts = address === undefined ? undefined : addressParts(address);
    return (
      parts && {
        address: blind(parts.address),
        block: blind(parts.block),
        vicinities: addressTerms({ secrets }, parts.vicinity),
        sealedBlock: secrets.seal("audit_address", parts.block, blockContext),
        owner: session.userId,
      }
    );
  };
}
