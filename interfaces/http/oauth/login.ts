import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { signIn, signOut } from "../../../application/commands/sign-in.ts";
import { readAuthorizationRequest } from "../../../application/queries/authorization-request.ts";
import { normaliseUsername } from "../../../application/queries/users.ts";
import type { BrowserSessions } from "../browser-sessions.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { foreignForm } from "../foreign-form.ts";
import { createKnownBrowsers } from "../known-browser.ts";
import { formTarget, sendPage } from "../page.ts";
import { endingRouteOptions } from "../page-route.ts";
import { loginPage } from "../pages/login.ts";
import { logoutPage, signedOutPage } from "../pages/message.ts";
import { type Parameters, parseParameters } from "../parameters.ts";
import { placeOf } from "../rate-limits.ts";
import { metadataOf, originOf } from "../request-metadata.ts";
import { afterSignIn, authorizationQuery } from "../return-url.ts";
import { setSessionCookie } from "../session-cookie.ts";
import { type SignInThrottle, tooManyAttempts } from "../sign-in-throttle.ts";

interface SignInForm {
  readonly error?: string;
  readonly username?: string | undefined;
}

/** GET and POST /auth/login and /auth/logout: the pages where a person signs in and out. */
export const loginRoutes =
  (
    { context, refusals }: HttpDependencies,
    { cookies, signedInBy, csrfToken, isCsrfToken }: BrowserSessions,
    throttle: SignInThrottle,
    pageRoute: RouteShorthandOptions,
  ): FastifyPluginAsync =>
  async (app) => {
    const knownBrowsers = createKnownBrowsers(context.secrets, cookies);
    const signInForm = (browser: string): string => `sign in ${browser}`;
    const signOutForm = (sessionId: string): string => `sign out ${sessionId}`;

    /** The application that the sign-in is for, and where its answer will go: the page's CSP must name that. */
    async function clientBehind(returnUrl: string | undefined) {
      const query = authorizationQuery(returnUrl);
      if (!query) return undefined;
      const outcome = await readAuthorizationRequest(context, parseParameters(query.toString()));
      if (outcome.kind === "page") return undefined;
      return outcome.kind === "valid" ? outcome.request : outcome.returnTo;
    }

    async function showSignIn(
      request: FastifyRequest,
      reply: FastifyReply,
      returnUrl: string | undefined,
      form: SignInForm = {},
    ): Promise<FastifyReply> {
      let browser = request.cookies[cookies.signIn];
      if (!browser) {
        browser = context.secrets.random();
        reply.setCookie(cookies.signIn, browser, cookies.options);
      }
      const behind = await clientBehind(returnUrl);
      const page = loginPage({
        csrf: csrfToken(signInForm(browser)),
        returnUrl: authorizationQuery(returnUrl) ? (returnUrl ?? "") : "",
        clientName: behind?.client.name,
        ...form,
      });
      return sendPage(reply, page, {
        formTargets: ["'self'", ...(behind ? [formTarget(behind.redirectUri)] : [])],
      });
    }

    app.get("/auth/login", pageRoute, async (request, reply) =>
      showSignIn(request, reply, (request.query as Parameters).return_url?.[0]),
    );

    app.post("/auth/login", pageRoute, async (request, reply) => {
      const form = (request.body ?? {}) as Parameters;
      const browser = request.cookies[cookies.signIn];
      if (!browser || !isCsrfToken(form.csrf?.[0], signInForm(browser))) return foreignForm(request, reply);
      const returnUrl = form.return_url?.[0];
      const username = form.username?.[0] ?? "";
      const account = normaliseUsername(username).slice(0, 128);
      const place = `${account} ${placeOf(request)}`;
      const crowd = knownBrowsers.crowdOf(request, account);
      const wait = await throttle.attempt(place, crowd);
      if (wait > 0) {
        request.tellRefusal({ error: "too_many_failures", description: "Too many failed sign-ins" });
        reply.code(429).header("retry-after", String(wait));
        const error = `${tooManyAttempts(wait)}.`;
        return await showSignIn(request, reply, returnUrl, { username, error });
      }
      const password = form.password?.[0] ?? "";
      const rememberMe = form.remember_me !== undefined;
      const session = await signIn(
        context,
        { username, password, rememberMe, replaces: await signedInBy(request), origin: originOf(request) },
        metadataOf(request, "anonymous"),
      );
      if ("refused" in session) {
        const description = "The username or the password is wrong";
        request.tellRefusal({ error: "wrong_password", description, reason: session.refused });
        refusals.count("/auth/login wrong_password", undefined);
        reply.code(401);
        return await showSignIn(request, reply, returnUrl, {
          username,
          error: `${description}.`,
        });
      }
      await throttle.succeeded(place, crowd);
      knownBrowsers.remember(reply, account);
      return setSessionCookie(reply, cookies, session)
        .clearCookie(cookies.signIn, cookies.options)
        .header("cache-control", "no-store")
        .redirect(afterSignIn(returnUrl), 303);
    });

    app.get("/auth/logout", pageRoute, async (request, reply) => {
      const signedIn = await signedInBy(request);
      return sendPage(
        reply,
        signedIn ? logoutPage({ csrf: csrfToken(signOutForm(signedIn.session.sessionId)) }) : signedOutPage(),
      );
    });

    app.post("/auth/logout", endingRouteOptions, async (request, reply) => {
      const signedIn = await signedInBy(request);
      if (!signedIn) return sendPage(reply.clearCookie(cookies.session, cookies.options), signedOutPage());
      const csrf = ((request.body ?? {}) as Parameters).csrf?.[0];
      if (!isCsrfToken(csrf, signOutForm(signedIn.session.sessionId))) return foreignForm(request, reply);
      await signOut(context, signedIn, metadataOf(request, `user:${signedIn.user.userId}`));
      reply.clearCookie(cookies.session, cookies.options);
      return sendPage(reply, signedOutPage());
    });
  };
