import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { changeOwnPassword, disconnectApp, endSessionOf } from "../../../application/commands/account.ts";
import type { SignedIn } from "../../../application/commands/authorize.ts";
import { checkPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import { RefusedError } from "../../../application/errors.ts";
import type { EventMetadata } from "../../../application/ports/event-store.ts";
import type { BrowserSessions } from "../browser-sessions.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { foreignForm } from "../foreign-form.ts";
import { sendPage } from "../page.ts";
import { endingRouteOptions } from "../page-route.ts";
import { accountPage } from "../pages/account.ts";
import type { Parameters } from "../parameters.ts";
import { placeOf } from "../rate-limits.ts";
import type { Refused } from "../refusal-lines.ts";
import { metadataOf, originOf } from "../request-metadata.ts";
import { setSessionCookie } from "../session-cookie.ts";
import { type SignInThrottle, tooManyAttempts } from "../sign-in-throttle.ts";
import { accountView } from "./view.ts";

/** What the page says once something was done, by a name in its URL: nothing of the URL itself is shown. */
const done: ReadonlyMap<string | undefined, string> = new Map([
  ["session", "The session has ended."],
  ["nothing", "That session was not open any more."],
  ["app", "The app is disconnected."],
  ["password", "The password is changed. All other sessions have ended, and all access of apps."],
]);

/** GET /auth/account and its forms: where a person sees and ends sessions and connected apps, and changes the password. */
export const accountRoutes =
  (
    { context, refusals }: HttpDependencies,
    browserSessions: BrowserSessions,
    throttle: SignInThrottle,
    pageRoute: RouteShorthandOptions,
  ): FastifyPluginAsync =>
  async (app) => {
    const { cookies, signedInBy, csrfToken, isCsrfToken } = browserSessions;
    const formOf = ({ session }: SignedIn): string => `account ${session.sessionId}`;

    async function show(reply: FastifyReply, signedIn: SignedIn, more: Record<string, string | undefined>) {
      const view = await accountView(context, signedIn);
      return sendPage(reply, accountPage({ ...view, csrf: csrfToken(formOf(signedIn)), ...more }));
    }

    const toSignIn = (reply: FastifyReply, path: string): FastifyReply =>
      reply.header("cache-control", "no-store").redirect(path, 303);

    const back = (reply: FastifyReply, what: string): FastifyReply =>
      reply.header("cache-control", "no-store").redirect(`../account?done=${what}`, 303);

    /** The form of whoever is signed in, where it is theirs; everything else is answered here. */
    async function owned(
      request: FastifyRequest,
      reply: FastifyReply,
      work: (signedIn: SignedIn, form: Parameters, metadata: EventMetadata) => Promise<FastifyReply>,
    ): Promise<FastifyReply> {
      const signedIn = await signedInBy(request);
      if (!signedIn) return toSignIn(reply, "../login");
      const form = (request.body ?? {}) as Parameters;
      if (!isCsrfToken(form.csrf?.[0], formOf(signedIn))) return foreignForm(request, reply);
      return await work(signedIn, form, metadataOf(request, `user:${signedIn.user.userId}`));
    }

    app.get("/auth/account", pageRoute, async (request, reply) => {
      const signedIn = await signedInBy(request);
      if (!signedIn) return toSignIn(reply, "login");
      return await show(reply, signedIn, { done: done.get((request.query as Parameters).done?.[0]) });
    });

    app.post("/auth/account/end-session", endingRouteOptions, (request, reply) =>
      owned(request, reply, async ({ user, session }, form, metadata) => {
        const sessionId = form.session_id?.[0] ?? "";
        const wasOpen = await endSessionOf(context, user.userId, sessionId, "user", metadata);
        if (sessionId !== session.sessionId) return back(reply, wasOpen ? "session" : "nothing");
        return toSignIn(reply.clearCookie(cookies.session, cookies.options), "../logout");
      }),
    );

    app.post("/auth/account/disconnect", endingRouteOptions, (request, reply) =>
      owned(request, reply, async ({ user }, form, metadata) => {
        await disconnectApp(context, user.userId, form.client_id?.[0] ?? "", "user", metadata);
        return back(reply, "app");
      }),
    );

    app.post("/auth/account/sign-out-everywhere", endingRouteOptions, (request, reply) =>
      owned(request, reply, async ({ user }, _form, metadata) => {
        await setUserStatus(context, user.userId, "sign_out_everywhere", metadata);
        return toSignIn(reply.clearCookie(cookies.session, cookies.options), "../logout");
      }),
    );

    app.post("/auth/account/password", pageRoute, (request, reply) =>
      owned(request, reply, async (signedIn, form, metadata) => {
        const present = form.present_password?.[0] ?? "";
        const wanted = form.new_password?.[0] ?? "";
        const refuse = async (status: 400 | 429, refused: Refused): Promise<FastifyReply> => {
          request.tellRefusal(refused);
          return await show(reply.code(status), signedIn, { passwordError: `${refused.description}.` });
        };
        try {
          checkPassword(wanted);
          // A stolen session must not become a place to guess the password at, from wherever it is used.
          const { user, session } = signedIn;
          const [place, crowd] = [`${user.userId} ${placeOf(request)}`, `session ${session.sessionId}`];
          const wait = await throttle.attempt(place, crowd);
          if (wait > 0) {
            reply.header("retry-after", String(wait));
            return await refuse(429, { error: "too_many_failures", description: tooManyAttempts(wait) });
          }
          const started = await changeOwnPassword(
            context,
            signedIn,
            { present, wanted },
            originOf(request),
            metadata,
          );
          await throttle.succeeded(place, crowd);
          return back(setSessionCookie(reply, cookies, started), "password");
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          refusals.count("/auth/account/password refused", undefined);
          return await refuse(400, error.refusal);
        }
      }),
    );
  };
