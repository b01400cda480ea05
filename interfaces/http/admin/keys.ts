import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { rotateSigningKeys } from "../../../application/commands/manage-signing-keys.ts";
import { ref } from "../../../application/documents.ts";
import { RefusedError } from "../../../application/errors.ts";
import type { RetiredKey, SigningKey, SigningKeys } from "../../../domain/signing-key/signing-key.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { Conflict } from "../errors.ts";
import type { keyAnswer } from "../openapi/answers/admin.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { onceByKey } from "./idempotency-key.ts";

export const keyRotation = z.strictObject({
  force: z
    .boolean()
    .default(false)
    .describe("Even where the next key was published so recently that verifiers may not know it"),
});

type KeyFacts = z.infer<typeof keyAnswer>;

function factsOf(
  key: Pick<SigningKey | RetiredKey, "kid" | "algorithm" | "publicJwk" | "publishedAt">,
  status: KeyFacts["status"],
  { activatedAt = null, removeAt = null }: { activatedAt?: number | null; removeAt?: number | null } = {},
): KeyFacts {
  return {
    key_id: key.kid,
    algorithm: key.algorithm,
    status,
    published_at: iso(key.publishedAt),
    activated_at: iso(activatedAt),
    remove_at: iso(removeAt),
    public_jwk: { ...key.publicJwk },
  };
}

const keysFacts = ({ next, active, activatedAt, retired }: SigningKeys) => ({
  keys: [
    factsOf(next, "next"),
    factsOf(active, "active", { activatedAt }),
    ...retired.map((key) => factsOf(key, "retired", { removeAt: key.removeAt })),
  ],
});

/** /admin/keys: the keys that sign access tokens. */
export const adminKeyRoutes =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);

    app.get("/admin/keys", async () => {
      const [ring] = await context.documents.load([ref.signingKeys()]);
      return ring ? keysFacts(ring) : { keys: [] };
    });

    app.post("/admin/keys/rotate", async (request) => {
      const asked = keyRotation.parse(request.body ?? {});
      const once = await onceByKey(context, request, asked);
      const rotated = await rotateSigningKeys(
        once,
        { ...asked, triedAt: once.triedAt },
        metadataOfAdministrator(request),
      ).catch((error: unknown) => {
        throw error instanceof RefusedError ? new Conflict(error.refusal.description) : error;
      });
      return keysFacts(rotated);
    });
  };
