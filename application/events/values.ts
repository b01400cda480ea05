import { z } from "zod";
import type { DomainEvent } from "../../domain/decider.ts";

/** Epoch milliseconds. */
export const time = z.int().nonnegative();

/** SHA-256 as base64url. An access token that was not signed yet has none, so it can never be stored. */
export const hash = z.string().length(43);

export const scope = z.array(z.string());

/** How one type of event is stored: the version written today and the schema of its data. */
export interface EventSchema<Data> {
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  /** From the data of version n (the key) to that of n + 1; old versions stay readable for ever. */
  readonly upcasts?: Readonly<Record<number, (data: unknown) => unknown>>;
}

/** A schema for each member of a union of events, so that none can be forgotten. */
export type SchemasOf<Event extends DomainEvent> = {
  readonly [Type in Event["type"]]: EventSchema<Extract<Event, { type: Type }>["data"]>;
};
