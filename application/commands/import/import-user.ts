import { passwordHashFault } from "../../../domain/oauth/password-hash.ts";
import type { User } from "../../../domain/user/user.ts";
import type { Context } from "../../context.ts";
import { ref } from "../../documents.ts";
import { RefusedError } from "../../errors.ts";
import type { EventMetadata } from "../../ports/event-store.ts";
import { findReservation } from "../../queries/users.ts";
import { streams } from "../../streams.ts";
import { checkedUsername, checkScopes, enrol } from "../manage-users.ts";
import { type ImportedUser, type ImportOptions, type Outcome, refusedEntry } from "./entry.ts";

/** Bytes of the longest password that can be hashed. */
const maxPasswordBytes = 1024;

const withoutPassword = "cannot sign in until dacapo user set-password";

/** Why a password is not taken over; undefined where it is. */
function passwordFault(password: ImportedUser["password"]): string | undefined {
  if (!password) return "it comes without a password";
  if (password.kind === "hash") {
    const fault = passwordHashFault(password.hash);
    return fault && `the hash of the password is not taken over (${fault})`;
  }
  const { length } = new TextEncoder().encode(password.secret);
  return length === 0 || length > maxPasswordBytes
    ? `a password must have 1 to ${maxPasswordBytes} bytes`
    : undefined;
}

/** What is kept of the password: where there is none, what no password leads to. */
async function hashOf({ passwords }: Context, { password }: ImportedUser): Promise<string> {
  if (!password || passwordFault(password) !== undefined) return passwords.unmatchable;
  return password.kind === "hash" ? password.hash : await passwords.hash(password.secret);
}

/** Who has this name already, and the id that was left for it where a registration stopped half-way. */
async function known(context: Context, username: string): Promise<{ user?: User; reservedFor?: string }> {
  const found = await findReservation(context, username);
  if (!found) return {};
  const { userId } = found.reservation;
  const [user] = await context.documents.fromLog([ref.user(userId)]);
  return user ? { user } : { reservedFor: userId };
}

/** Whether the id that somebody is to have is that of another person. */
async function isTaken({ documents, log }: Context, userId: string, reservedFor: string | undefined) {
  // Of one who was erased, only this is left.
  if ((await log.last(streams.erasure(userId))).event) return true;
  if (userId === reservedFor) return false;
  const [other] = await documents.fromLog([ref.user(userId)]);
  return other !== undefined;
}

async function admit(
  context: Context,
  entry: ImportedUser,
  options: ImportOptions,
  metadata: EventMetadata,
): Promise<Outcome> {
  const { kind, id, userId, isDisabled } = entry;
  const username = checkedUsername(id);
  const { user, reservedFor } = await known(context, username);
  if (user) return { kind, id, outcome: "already there", userId: user.userId, notices: [] };
  if (userId !== undefined && (await isTaken(context, userId, reservedFor)))
    return refusedEntry(entry, "id", "a user of another name has this id here: it was renamed, or erased");
  const scopes = entry.scopes ?? options.userScopes;
  checkScopes(context, scopes);
  const fault = passwordFault(entry.password);
  const notices = [...entry.notices, ...(fault === undefined ? [] : [`${fault}: ${withoutPassword}`])];
  if (options.isDryRun) return { kind, id, outcome: "imported", notices };
  const passwordHash = await hashOf(context, entry);
  const made = await enrol(context, { username, passwordHash, scopes, isDisabled, userId }, metadata);
  return { kind, id, outcome: "imported", userId: made.userId, notices };
}

/** The member that a refusal of ours speaks of. */
const fieldOf = (description: string): string => (/scope/.test(description) ? "scopes" : "username");

/** Registers a person with the password that they have; one who is there already is left as they are. @throws {Unavailable} */
export async function importUser(
  context: Context,
  entry: ImportedUser,
  options: ImportOptions,
  metadata: EventMetadata,
): Promise<Outcome> {
  try {
    return await admit(context, entry, options, metadata);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { description } = error.refusal;
    return refusedEntry(entry, fieldOf(description), description);
  }
}
