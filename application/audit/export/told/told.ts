import type { DomainEvent } from "../../../../domain/decider.ts";
import { isPerson } from "../../../session-origin.ts";

/** A JSON value. */
export type Fact = string | number | boolean | null | readonly Fact[] | Facts;

export interface Facts {
  readonly [name: string]: Fact;
}

/**
 * What of each event of a union is given out: by name, so that nothing goes out because it is there. No hash of a token,
 * code, secret or password, no key, nothing sealed, and of the state that an event carries only what it is about.
 */
export type Told<Event extends DomainEvent> = {
  readonly [Type in Event["type"]]: (data: Extract<Event, { readonly type: Type }>["data"]) => Facts;
};

/** These members and no other. */
export function pick<From extends object, Name extends keyof From>(
  from: From,
  ...names: readonly Name[]
): Pick<From, Name> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<From, Name>;
}

/** The name of a stream; that of a username's is an index of the name, which stays here. */
export const toldStream = (stream: string): string => (stream.startsWith("username-") ? "username" : stream);

/** Whoever a session belongs to, as what it is. */
export const holderOf = (holder: string): Facts =>
  isPerson(holder) ? { userId: holder } : { clientId: holder };
