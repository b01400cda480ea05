import type { Observed, Recall } from "../../application/audit/index/observed.ts";
import type { Network } from "../../application/audit/index/origin.ts";
import type { DomainEvent } from "../../domain/decider.ts";

/** An event as the audit index sees it: at this time (epoch ms), in this stream. */
export const observed = (
  event: DomainEvent,
  where: { readonly stream: string; readonly revision?: number; readonly time?: number },
  { network, actor = "operator" }: { readonly network?: Network; readonly actor?: string } = {},
): Observed => ({
  event,
  network,
  stored: {
    position: 1n,
    revision: where.revision ?? 0,
    stream: where.stream,
    time: where.time ?? 1_800_000_000_000,
    id: "0190a000-0000-7000-8000-000000000000",
    type: event.type,
    version: 1,
    data: event.data,
    metadata: { actor, correlationId: "test" },
  },
});

/** What is remembered, in a map. */
export function memory(): Recall & { readonly kept: ReadonlyMap<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    forget: (key) => void kept.delete(key),
  };
}

/** The network of an address: the block and the vicinity that are named, as if blind. */
export const networkOf = (block: string, vicinity: string, owner = "u_ada"): Network => ({
  address: `address of ${block}`,
  block,
  vicinities: [vicinity],
  sealedBlock: `sealed ${block}`,
  owner,
});
