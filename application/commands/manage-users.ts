import { refusal } from "../../domain/oauth/refusal.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import { type SessionCommand, sessionDecider } from "../../domain/session/decide.ts";
import { subjectKeyDecider } from "../../domain/user/subject-key.ts";
import { type User, type UserCommand, userDecider } from "../../domain/user/user.ts";
import { usernameDecider } from "../../domain/user/username.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { keyContextOf, personalFields, usernameField } from "../personal-fields.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { findReservation, findUser, normaliseUsername } from "../queries/users.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly scopes: Scope;
}

/** Somebody whose values are checked already. */
export interface Enrolment {
  readonly username: string;
  readonly passwordHash: string;
  readonly scopes: Scope;
  readonly isDisabled?: boolean;
  /** The id that the user gets, where the name has none yet; a fresh one where absent. */
  readonly userId?: string | undefined;
}

/** Lengths of passwords that are taken, in UTF-16 code units. */
export const passwordLength = { min: 8, max: 256 };

const refuse = (description: string) => new RefusedError(refusal("invalid_request", description));

/** @throws {RefusedError} where one of these scopes does not exist */
export function checkScopes({ policy }: Context, scopes: Scope): void {
  const unknown = scopes.find((scope) => !policy.scopes.some(({ name }) => name === scope));
  if (unknown !== undefined)
    throw refuse(`There is no such scope; there are ${policy.scopes.map(({ name }) => name).join(", ")}`);
}

/** @throws {RefusedError} where this is no password that is taken */
export function checkPassword(password: string): void {
  const { min, max } = passwordLength;
  if (password.length < min || password.length > max)
    throw refuse(`A password must have ${min} to ${max} characters`);
}

/** The one stream of this name decides whose it is; a reservation that was left half-way is completed. */
async function reserve(
  context: Context,
  { username, userId }: Pick<Enrolment, "username" | "userId">,
  metadata: EventMetadata,
) {
  const { handle, secrets, clock } = context;
  const existing = await findReservation(context, username);
  if (existing) return { index: existing.index, userId: existing.reservation.userId };
  const { value: index } = secrets.mac("username_index", normaliseUsername(username));
  const { answer } = await handle({
    stream: streams.username(index),
    isNew: true,
    decider: usernameDecider,
    command: () => ({ userId: userId ?? `u_${secrets.newId()}`, now: clock.now() }),
    metadata,
  }).catch((error: unknown) => {
    // That of a person who was erased.
    throw error instanceof RefusedError ? refuse("The username is taken") : error;
  });
  return { index, userId: answer.userId };
}

/** A username as it is kept. @throws {RefusedError} where it is none */
export function checkedUsername(text: string): string {
  const username = text.trim();
  if (!/^[^\p{C}]{1,128}$/u.test(username))
    throw refuse("A username must have 1 to 128 printable characters");
  return username;
}

/** Creates a user; returns when it can sign in. @throws {RefusedError} where the name is taken or a value is bad */
export async function createUser(context: Context, user: NewUser, metadata: EventMetadata): Promise<User> {
  const username = checkedUsername(user.username);
  checkPassword(user.password);
  checkScopes(context, user.scopes);
  const passwordHash = await context.passwords.hash(user.password);
  return await enrol(context, { username, passwordHash, scopes: user.scopes }, metadata);
}

/** Reserves the name, makes the person's key and registers the user; returns when it can sign in. @throws {RefusedError} */
export async function enrol(context: Context, user: Enrolment, metadata: EventMetadata): Promise<User> {
  const { handle, secrets, clock } = context;
  const { username, passwordHash, scopes, isDisabled } = user;
  // Nothing is looked for first: who was registered half-way is found when an append is refused.
  const { index, userId } = await reserve(context, user, metadata);
  const { answer: key } = await handle({
    stream: streams.subjectKey(userId),
    isNew: true,
    decider: subjectKeyDecider,
    command: () => {
      const { wrapped } = secrets.newDataKey(keyContextOf(userId));
      return { userId, wrappedKey: wrapped, createdAt: clock.now() };
    },
    metadata,
  });
  const fields = personalFields(secrets, key);
  return await confirmed(context, {
    stream: streams.user(userId),
    isNew: true,
    decider: userDecider,
    command: (): UserCommand => ({
      type: "register",
      isDisabled,
      user: {
        userId,
        username: fields.seal(usernameField(userId), username),
        usernameIndex: index,
        passwordHash,
        scopes,
        registeredAt: clock.now(),
      },
    }),
    metadata,
  });
}

/** The user of this name. @throws {RefusedError} where there is none */
export async function requireUser(context: Context, username: string): Promise<User> {
  const user = await findUser(context, username);
  if (!user) throw refuse("There is no such user");
  return user;
}

/** Says on the user's own list that the sessions of an older epoch are over; they opened nothing any more. */
export async function endOlderSessions(
  { handle, clock }: Pick<Context, "handle" | "clock">,
  { userId, epoch }: Pick<User, "userId" | "epoch">,
  metadata: EventMetadata,
): Promise<void> {
  await handle({
    stream: streams.sessions(userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({ type: "end_older", userEpoch: epoch, now: clock.now() }),
    metadata,
  });
}

async function change(
  context: Context,
  userId: string,
  command: (now: number) => UserCommand,
  metadata: EventMetadata,
): Promise<User> {
  const { clock } = context;
  const user = await confirmed(context, {
    stream: streams.user(userId),
    decider: userDecider,
    command: () => command(clock.now()),
    metadata,
  });
  await endOlderSessions(context, user, metadata);
  return user;
}

/**
 * Sets a password; every session and token of the user is dead when this returns.
 * @param epoch where given, that of the user whose old password was right: where another one holds now, nothing is set
 * @throws {RefusedError} @throws {Unavailable}
 */
export async function setPassword(
  context: Context,
  userId: string,
  password: string,
  metadata: EventMetadata,
  epoch?: number,
): Promise<User> {
  checkPassword(password);
  const passwordHash = await context.passwords.hash(password);
  const command = (now: number): UserCommand => ({ type: "change_password", passwordHash, epoch, now });
  return await change(context, userId, command, metadata);
}

/** Sets what a user may grant; tokens lose at once what was taken. @throws {RefusedError} @throws {Unavailable} */
export async function setUserScopes(
  context: Context,
  userId: string,
  scopes: Scope,
  metadata: EventMetadata,
): Promise<User> {
  checkScopes(context, scopes);
  return await change(context, userId, (now) => ({ type: "change_scopes", scopes, now }), metadata);
}

/** Disables or enables a user, or ends all that user's sessions and tokens. @throws {RefusedError} @throws {Unavailable} */
export const setUserStatus = (
  context: Context,
  userId: string,
  type: "disable" | "enable" | "sign_out_everywhere",
  metadata: EventMetadata,
): Promise<User> => change(context, userId, (now) => ({ type, now }), metadata);
