import type { DocumentKey } from "../ports/read-models.ts";
import { consentId } from "../projections/clients.ts";
import { libraryId } from "../projections/scores.ts";
import { signingKeysId } from "../projections/signing-keys.ts";

/** The documents that a stream's events are projected into; those of a user's sessions are known by their index only. */
export type StreamDocuments =
  | { readonly kind: "keys"; readonly keys: readonly DocumentKey[] }
  | { readonly kind: "sessions"; readonly userId: string };

const byPrefix: readonly (readonly [prefix: string, collection: string])[] = [
  ["grant-", "grants"],
  ["client-", "clients"],
  ["user-", "users"],
  ["resource-", "resources"],
];

const keys = (...found: DocumentKey[]): StreamDocuments => ({ kind: "keys", keys: found });

/** Where the truth of a stream stands in the read models. */
export function documentsOf(stream: string): StreamDocuments {
  if (stream === "signing-keys") return keys({ collection: "signing_keys", id: signingKeysId });
  if (stream === "library") return keys({ collection: "library", id: libraryId });
  if (stream.startsWith("score-")) {
    const id = stream.slice("score-".length);
    return keys({ collection: "scores", id }, { collection: "score_summaries", id });
  }
  if (stream.startsWith("erasure-")) {
    const id = stream.slice("erasure-".length);
    return keys({ collection: "erasures", id }, { collection: "users", id });
  }
  if (stream.startsWith("sessions-")) return { kind: "sessions", userId: stream.slice("sessions-".length) };
  const [, userId, clientId] = /^consent-(u_[\w-]{22})-(.+)$/.exec(stream) ?? [];
  if (userId && clientId) return keys({ collection: "consents", id: consentId(userId, clientId) });
  const [prefix = "", collection] = byPrefix.find(([start]) => stream.startsWith(start)) ?? [];
  return collection === undefined ? keys() : keys({ collection, id: stream.slice(prefix.length) });
}
