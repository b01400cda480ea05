import type { FastifyPluginAsync } from "fastify";
import { ref } from "../../../application/documents.ts";
import { defaultAssertionAlgorithms } from "../../../infrastructure/crypto/client-assertions.ts";
import type { HttpDependencies } from "../dependencies.ts";

/** Authorization server metadata (RFC 8414 §2, RFC 9207 §3); lists nothing that does not work. */
function serverMetadata({ context, clientDocuments }: HttpDependencies) {
  const { issuer, scopes, allowPublicClients } = context.policy;
  const hasDocuments = clientDocuments.isNamedBy("https://client.example/metadata");
  const confidential = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
  const methods = [...confidential, ...(allowPublicClients ? ["none"] : [])];
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    introspection_endpoint: `${issuer}/auth/introspect`,
    revocation_endpoint: `${issuer}/auth/revoke`,
    registration_endpoint: `${issuer}/auth/register`,
    jwks_uri: `${issuer}/auth/jwks`,
    scopes_supported: scopes.map(({ name }) => name),
    response_types_supported: ["code"],
    response_modes_supported: ["query", "form_post"],
    grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: defaultAssertionAlgorithms,
    introspection_endpoint_auth_methods_supported: confidential,
    introspection_endpoint_auth_signing_alg_values_supported: defaultAssertionAlgorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: defaultAssertionAlgorithms,
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    ...(hasDocuments ? { client_id_metadata_document_supported: true } : {}),
  };
}

/** Shorter than the time for which a key is published before it signs. */
const jwksMaxAge = 300;

/** Discovery (RFC 8414 §3) at the root, under /auth and with the issuer's path inserted, and the public keys (RFC 7517 §5). */
export const metadataRoutes =
  (dependencies: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    const metadata = serverMetadata(dependencies);
    const wellKnown = "/.well-known/oauth-authorization-server";
    const { pathname } = new URL(metadata.issuer);
    const inserted = pathname === "/" ? [] : [`${wellKnown}${pathname}`];
    for (const path of [wellKnown, `/auth${wellKnown}`, ...inserted])
      app.get(path, async (_request, reply) =>
        reply.header("cache-control", "public, max-age=300").send(metadata),
      );

    app.get("/auth/jwks", async (_request, reply) => {
      const [keys] = await dependencies.context.documents.load([ref.signingKeys()]);
      const published = keys ? [keys.next, keys.active, ...keys.retired] : [];
      return reply.header("cache-control", `public, max-age=${jwksMaxAge}`).send({
        keys: published.map(({ publicJwk }) => publicJwk),
      });
    });
  };
