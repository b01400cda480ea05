import type { Batch, Document, Put } from "../../../application/ports/read-models.ts";

/** A batch from one position to another. */
export const batch = (from: bigint, to: bigint, ...puts: Put[]): Batch => ({ from, to, puts });

/** A document of the collection `grants`, without indexes and expiry unless told otherwise. */
export const put = (
  id: string,
  document: Document,
  { indexes = {}, expiresAt = null }: Partial<Pick<Put, "indexes" | "expiresAt">> = {},
): Put => ({ collection: "grants", id, document, indexes, expiresAt });
