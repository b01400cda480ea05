import type { Batch, Document, Put } from "../../../application/ports/read-models.ts";

/** A batch from one position to another. */
export const batch = (from: bigint, to: bigint, ...puts: Put[]): Batch => ({ from, to, puts, parks: [] });

/** A batch that, after its puts, parks the documents of these ids. */
export const parking = (from: bigint, to: bigint, ids: readonly string[], ...puts: Put[]): Batch => ({
  ...batch(from, to, ...puts),
  parks: ids.map((id) => ({ collection: "grants", id })),
});

/** A document of the collection `grants`, without indexes and expiry unless told otherwise. */
export const put = (
  id: string,
  document: Document,
  { indexes = {}, expiresAt = null }: Partial<Pick<Put, "indexes" | "expiresAt">> = {},
): Put => ({ collection: "grants", id, document, indexes, expiresAt });
