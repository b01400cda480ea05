import type { DomainEvent } from "../../domain/decider.ts";
import { type EventMetadata, type NewEvent, type StoredEvent, Unavailable } from "../ports/event-store.ts";
import { clientSchemas } from "./client.ts";
import { deploymentSchemas } from "./deployment.ts";
import { grantSchemas } from "./grant.ts";
import { scoreSchemas } from "./score.ts";
import { sessionSchemas } from "./session.ts";
import { userSchemas } from "./user.ts";
import type { EventSchema } from "./values.ts";

/** Every type of event there is, by its stored name. */
export const catalog: Readonly<Record<string, EventSchema<unknown>>> = {
  ...grantSchemas,
  ...sessionSchemas,
  ...userSchemas,
  ...clientSchemas,
  ...deploymentSchemas,
  ...scoreSchemas,
};

/** A stored event that this version of Dacapo cannot read: nothing is known of what it says, so the answer is 503. */
export class UnreadableEvent extends Unavailable {
  override readonly name = "UnreadableEvent";
}

/** An event in the form in which it is stored. @throws {TypeError} where its data breaks its own schema. */
export function encode(event: DomainEvent, id: string, metadata: EventMetadata): NewEvent {
  const entry = catalog[event.type];
  if (!entry) throw new TypeError(`unknown event type ${event.type}`);
  const parsed = entry.schema.safeParse(event.data);
  if (!parsed.success)
    throw new TypeError(`${event.type}: ${parsed.error.issues[0]?.path.join(".")} breaks its schema`);
  return { id, type: event.type, version: entry.version, data: parsed.data, metadata };
}

/** A stored event in today's form. @throws {UnreadableEvent} */
export function decode(stored: Pick<StoredEvent, "type" | "version" | "data">): DomainEvent {
  const entry = catalog[stored.type];
  if (!entry) throw new UnreadableEvent(`unknown event type ${stored.type}`);
  if (stored.version > entry.version)
    throw new UnreadableEvent(`${stored.type} version ${stored.version} was written by a newer Dacapo`);
  let data = stored.data;
  for (let version = stored.version; version < entry.version; version += 1) {
    const upcast = entry.upcasts?.[version];
    if (!upcast) throw new UnreadableEvent(`${stored.type}: no upcaster from version ${version}`);
    data = upcast(data);
  }
  const parsed = entry.schema.safeParse(data);
  if (!parsed.success)
    throw new UnreadableEvent(`${stored.type}: ${parsed.error.issues[0]?.path.join(".")} breaks its schema`);
  return { type: stored.type, data: parsed.data };
}
