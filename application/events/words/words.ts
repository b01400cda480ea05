import type { DomainEvent } from "../../../domain/decider.ts";

/** What each event of a union says, in words for whoever reads the log: ids and scopes, no secret and nothing personal. */
export type Words<Event extends DomainEvent> = {
  readonly [Type in Event["type"]]: (data: Extract<Event, { readonly type: Type }>["data"]) => string;
};

/** A scope as it stands in a sentence. */
export const scopeText = (scope: readonly string[]): string =>
  scope.length === 0 ? "no scope" : `scope ${scope.join(" ")}`;

/** A moment (epoch ms) as it stands in a sentence: ISO 8601 in UTC. */
// biome-ignore lint/style/noRestrictedGlobals: it writes a moment that is given, and reads no clock
export const timeText = (time: number): string => new Date(time).toISOString();
