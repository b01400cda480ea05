import type { FastifyPluginAsync } from "fastify";
import {
  authenticateIntrospector,
  documentOfIntrospector,
  isResourceId,
} from "../../../application/commands/authenticate-introspector.ts";
import { askedToken, documentsOfToken, introspect } from "../../../application/queries/introspect.ts";
import type { ClientFailures } from "../client-failures.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { maybe, required } from "../parameters.ts";
import { byClientAndAddress } from "../rate-limits.ts";
import { metadataOf } from "../request-metadata.ts";
import { clientForm, readClientCredentials, readForm } from "./client-credentials.ts";

export const introspectionForm = clientForm({ token: maybe(), token_type_hint: maybe() });

/** POST /auth/introspect (RFC 7662). */
export const introspectRoute =
  (dependencies: HttpDependencies, failures: ClientFailures): FastifyPluginAsync =>
  async (app) => {
    const { context, telemetry } = dependencies;
    app.post(
      "/auth/introspect",
      byClientAndAddress(dependencies, { name: "introspect", max: 600, window: 60 }, isResourceId),
      async (request, reply) => {
        const form = readForm(request, introspectionForm);
        const credentials = readClientCredentials(request, form, context.assertions);
        const metadata = metadataOf(request, `client:${credentials.clientId}`);
        const asked = askedToken(context, form.token ?? "");
        // Who asks and what is asked about: one round trip.
        const documents = await context.documents.ahead([
          documentOfIntrospector(credentials.clientId),
          ...documentsOfToken(asked),
        ]);
        const known = { ...context, documents };
        const asker = await failures.guard(request, () =>
          authenticateIntrospector(known, credentials, metadata),
        );
        required(form.token, "token");
        const answer = await introspect(known, asker, asked);
        telemetry?.requests.introspected(answer.active, documents.askedLog() ? "log" : "read_models");
        return reply.header("cache-control", "no-store").send(answer);
      },
    );
  };
