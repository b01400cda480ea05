import type { DomainEvent } from "../../../domain/decider.ts";
import type { Session } from "../../../domain/session/session.ts";
import type { Context } from "../../context.ts";
import { originField, type PersonalFields, personalFieldsOf } from "../../personal-fields.ts";
import { openOrigin } from "../../session-origin.ts";

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
  readonly vicinity: string;
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

const events: ReadonlySet<string> = new Set(["session.started", "session.slid"]);

/** Reads where sessions are opened and used, while the keys of their people are there. */
export function createOrigins(
  { log, secrets, addressParts }: OriginDependencies,
  isErased: (userId: string) => boolean,
): (event: DomainEvent) => Promise<Network | undefined> {
  const known = new Map<string, Promise<PersonalFields | undefined>>();
  const blind = (place: string) => `address:${secrets.mac("audit_address", place).value}`;

  /** The same for many events in a row: one read a person. */
  function fieldsOf(userId: string): Promise<PersonalFields | undefined> {
    if (known.size > 1_000) known.clear();
    const fields = known.get(userId) ?? personalFieldsOf({ log, secrets }, userId);
    known.set(userId, fields);
    return fields;
  }

  async function addressOf(session: Session): Promise<string | undefined> {
    const { userId, sessionId, origin } = session;
    if (origin === null || isErased(userId)) return undefined;
    if (userId.startsWith("u_")) return openOrigin(await fieldsOf(userId), session)?.address;
    const opened = secrets.open("session_origin", origin, originField(sessionId));
    return opened === undefined ? undefined : JSON.parse(opened).address;
  }

  return async ({ type, data }) => {
    if (!events.has(type)) return undefined;
    const { session } = data as { readonly session: Session };
    const address = await addressOf(session);
    const parts = address === undefined ? undefined : addressParts(address);
    return (
      parts && {
        address: blind(parts.address),
        block: blind(parts.block),
        vicinity: blind(parts.vicinity),
        sealedBlock: secrets.seal("audit_address", parts.block, blockContext),
        owner: session.userId,
      }
    );
  };
}
