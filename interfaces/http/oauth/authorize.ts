import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import {
  authorize,
  giveConsent,
  isConsentRemembered,
  offeredScope,
  type SignedIn,
} from "../../../application/commands/authorize.ts";
import { recordDescribedClient } from "../../../application/commands/described-client.ts";
import { RefusedError } from "../../../application/errors.ts";
import {
  type AuthorizationOutcome,
  type AuthorizationRequest,
  type ReturnAddress,
  readAuthorizationRequest,
} from "../../../application/queries/authorization-request.ts";
import { usernameOf } from "../../../application/queries/users.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import { isLoopbackRedirect } from "../../../domain/oauth/redirect-uri.ts";
import { type Refusal, refusal } from "../../../domain/oauth/refusal.ts";
import type { BrowserSessions } from "../browser-sessions.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { foreignForm } from "../foreign-form.ts";
import { formTarget, sendPage } from "../page.ts";
import { consentPage } from "../pages/consent.ts";
import { errorPage, interstitialPage } from "../pages/message.ts";
import type { Parameters } from "../parameters.ts";
import { metadataOf } from "../request-metadata.ts";
import { toSignIn } from "../return-url.ts";
import { fetchClient } from "./client-document.ts";
import { codeFields, errorFields, responseUri, returnToClient } from "./return-to-client.ts";

/** What a consent form is told that is not the one that was made for this sign-in and request. */
const changedSince =
  "The form was not made for this sign-in, or what it asks for has changed since. Go back to the application and start again.";

const queryOf = (request: FastifyRequest): string => request.url.split("?").slice(1).join("?");

/** What must happen before the person can be asked; undefined where nothing must. */
function signInNeed(
  { prompts, maxAge }: AuthorizationRequest,
  signedIn: SignedIn | undefined,
  now: number,
): "sign_in" | undefined {
  if (!signedIn || prompts.includes("login") || prompts.includes("select_account")) return "sign_in";
  const age = Math.floor((now - signedIn.session.authenticatedAt) / 1000);
  return maxAge !== undefined && age >= maxAge ? "sign_in" : undefined;
}

/** GET /auth/authorize (RFC 6749 §4.1.1) and POST /auth/consent, where the person decides. */
export const authorizeRoutes =
  (
    dependencies: HttpDependencies,
    { signedInBy, csrfToken, isCsrfToken }: BrowserSessions,
    pageRoute: RouteShorthandOptions,
  ): FastifyPluginAsync =>
  async (app) => {
    const { context, clientDocuments } = dependencies;
    const { policy, clock } = context;
    const { issuer } = policy;

    /** What a consent form is bound to: the sign-in, the request, and all that the person was shown. */
    function consentForm(asked: AuthorizationRequest, { session, user }: SignedIn, query: string): string {
      const { client, redirectUri, audience } = asked;
      const shown = [client.name, client.origin, redirectUri, audience, offeredScope(asked, user)];
      return `consent ${session.sessionId} ${sha256(query)} ${sha256(JSON.stringify(shown))}`;
    }

    function tellClient(
      reply: FastifyReply,
      returnTo: ReturnAddress,
      because: Refusal,
      signedIn: SignedIn | undefined,
    ): FastifyReply {
      const fields = errorFields(returnTo, because, issuer);
      const { client, redirectUri } = returnTo;
      reply.request.tellRefusal({ ...because, clientId: client.clientId });
      if (signedIn || client.origin === "operator") return returnToClient(reply, returnTo, fields);
      // An open redirector for whoever registers a client, if the visitor were just sent on (RFC 9700 §4.11.2).
      const page = interstitialPage({
        clientName: client.name,
        host: URL.parse(redirectUri)?.host || redirectUri,
        error: because.error,
        continueUrl: responseUri(redirectUri, fields),
      });
      return sendPage(reply.code(400), page);
    }

    async function askConsent(
      request: FastifyRequest,
      reply: FastifyReply,
      asked: AuthorizationRequest,
      signedIn: SignedIn,
    ): Promise<FastifyReply> {
      const { client, redirectUri, audience } = asked;
      const query = queryOf(request);
      const scopes = offeredScope(asked, signedIn.user);
      const page = consentPage({
        action: `consent?${query}`,
        csrf: csrfToken(consentForm(asked, signedIn, query)),
        username: (await usernameOf(context, signedIn.user)) ?? "",
        clientName: client.name,
        redirectHost: URL.parse(redirectUri)?.host || redirectUri,
        clientHost: clientDocuments.isNamedBy(client.clientId) ? new URL(client.clientId).host : null,
        loopbackOnly: isLoopbackRedirect(redirectUri),
        selfRegistered: client.origin === "self_registered",
        scopes: policy.scopes.filter(({ name }) => scopes.includes(name)),
        resources: [...audience],
      });
      return sendPage(reply, page, { formTargets: ["'self'", formTarget(redirectUri)] });
    }

    async function issueCode(
      request: FastifyRequest,
      reply: FastifyReply,
      asked: AuthorizationRequest,
      signedIn: SignedIn,
    ): Promise<FastifyReply> {
      const metadata = metadataOf(request, `user:${signedIn.user.userId}`);
      // What its document says now, also where the consent was given to what it said before.
      if (clientDocuments.isNamedBy(asked.client.clientId))
        await recordDescribedClient(context, asked.client, metadata);
      const code = await authorize(context, asked, signedIn, metadata);
      return returnToClient(reply, asked, codeFields(asked, code, issuer));
    }

    /** Runs what may be refused once the client is known; a refusal then goes to the client. */
    async function orTellClient(
      reply: FastifyReply,
      asked: AuthorizationRequest,
      signedIn: SignedIn | undefined,
      work: () => Promise<FastifyReply>,
    ): Promise<FastifyReply> {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError) return tellClient(reply, asked, error.refusal, signedIn);
        throw error;
      }
    }

    const askSignIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      reply.header("cache-control", "no-store").redirect(toSignIn(queryOf(request)), 303);

    function cannotAnswer(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
      request.tellRefusal({ error: "invalid_request", description: message });
      return sendPage(
        reply.code(400),
        errorPage({ title: "This request cannot be answered", message, requestId: request.id }),
      );
    }

    /** The document that the client id names; undefined for a client that was registered. */
    function documentOf({ client_id: [clientId = "", ...more] = [] }: Parameters): string | undefined {
      return more.length === 0 && clientDocuments.isNamedBy(clientId) ? clientId : undefined;
    }

    /** Reads the request, of a client as its document says now where somebody is signed in, else as it is recorded. */
    async function outcomeOf(
      query: Parameters,
      documentUrl: string,
      signedIn: SignedIn | undefined,
    ): Promise<AuthorizationOutcome> {
      if (!signedIn) return await readAuthorizationRequest(context, query);
      try {
        return await readAuthorizationRequest(context, query, await fetchClient(dependencies, documentUrl));
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        return { kind: "page", description: `Invalid client_id: ${error.refusal.description}` };
      }
    }

    /** Reads the request and who is signed in; answers what cannot go on, and goes on with what can. */
    async function withRequest(
      request: FastifyRequest,
      reply: FastifyReply,
      work: (asked: AuthorizationRequest, signedIn: SignedIn | undefined) => Promise<FastifyReply>,
    ): Promise<FastifyReply> {
      const query = request.query as Parameters;
      const documentUrl = documentOf(query);
      const [signedIn, outcomeOfKnown] = await Promise.all([
        signedInBy(request),
        documentUrl === undefined ? readAuthorizationRequest(context, query) : undefined,
      ]);
      // Nothing is fetched for strangers, so nothing of the request can be checked before they sign in.
      if (documentUrl !== undefined && !signedIn && !query.prompt?.includes("none"))
        return askSignIn(request, reply);
      const outcome = outcomeOfKnown ?? (await outcomeOf(query, documentUrl ?? "", signedIn));
      if (outcome.kind === "page") return cannotAnswer(request, reply, outcome.description);
      if (outcome.kind === "error") return tellClient(reply, outcome.returnTo, outcome.refusal, signedIn);
      const asked = outcome.request;
      return await orTellClient(reply, asked, signedIn, () => work(asked, signedIn));
    }

    app.get("/auth/authorize", pageRoute, (request, reply) =>
      withRequest(request, reply, async (asked, signedIn) => {
        const isSilent = asked.prompts.includes("none");
        if (!signedIn || signInNeed(asked, signedIn, clock.now())) {
          if (isSilent) throw new RefusedError(refusal("login_required", "The user is not signed in"));
          return askSignIn(request, reply);
        }
        if (await isConsentRemembered(context, asked, signedIn))
          return await issueCode(request, reply, asked, signedIn);
        offeredScope(asked, signedIn.user);
        if (isSilent) throw new RefusedError(refusal("consent_required", "The user has not consented"));
        return await askConsent(request, reply, asked, signedIn);
      }),
    );

    app.post("/auth/consent", pageRoute, (request, reply) =>
      withRequest(request, reply, async (asked, signedIn) => {
        if (!signedIn) return askSignIn(request, reply);
        const form = (request.body ?? {}) as Parameters;
        if (!isCsrfToken(form.csrf?.[0], consentForm(asked, signedIn, queryOf(request))))
          return foreignForm(request, reply, changedSince);
        if (form.decision?.[0] !== "approve")
          throw new RefusedError(refusal("access_denied", "The user denied the request"));
        const metadata = metadataOf(request, `user:${signedIn.user.userId}`);
        await giveConsent(context, asked, signedIn, metadata);
        return await issueCode(request, reply, asked, signedIn);
      }),
    );
  };
