import type { Erasure, ErasureEvent } from "../../domain/erasure/erasure.ts";
import { projection, type Write } from "./projection.ts";

const put = ({ erasure }: { erasure: Erasure }): Write => ({
  id: erasure.user.userId,
  document: erasure,
  indexes: erasure.completedAt === null ? { open: "yes" } : {},
});

/** Erasures; those that are not complete yet are found. */
export const erasures = projection<ErasureEvent>("erasures", 1, {
  "erasure.requested": put,
  "erasure.completed": put,
});
