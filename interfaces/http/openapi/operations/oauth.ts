import { z } from "zod";
import { clientMetadata } from "../../oauth/client-metadata.ts";
import { introspectionForm } from "../../oauth/introspect.ts";
import { operatorsClientForm } from "../../oauth/register-client.ts";
import { revocationForm } from "../../oauth/revoke.ts";
import { tokenForm } from "../../oauth/token.ts";
import { many, maybe, one } from "../../parameters.ts";
import { oauthErrors } from "../answers/errors.ts";
import {
  clientInformationAnswer,
  introspectionAnswer,
  operatorsClientAnswer,
  tokenAnswer,
} from "../answers/oauth.ts";
import { answered, answeredNothing, answeredText, type Operations, operation } from "../operation.ts";

const form = "application/x-www-form-urlencoded";
const tag = "OAuth";

/** By Basic, or by members of the form: a secret, an assertion (RFC 7523), or the id alone of a public client. */
const byClient = [{ clientBasic: [] }, {}];

const { badRequest, unauthorized, forbidden, notFound, tooMany, unavailable } = oauthErrors;

/** A page for people, or the way to one. */
const page = {
  "200": answeredText("A page", "text/html"),
  "303": answeredNothing("To where it goes on"),
  "400": answeredText("A page that says what is wrong", "text/html"),
  "401": answeredText("The sign-in again: the name or the password is wrong", "text/html"),
  "403": answeredText("A page that says what is not allowed", "text/html"),
  "429": answeredText("A page that says when to try again", "text/html"),
};

const pages = (id: string, summary: string, method: "get" | "post" = "get") => ({
  [method]: operation({ id, tag: "Pages", summary, security: [], answers: page }),
});

/** The parameters of an authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2). */
const authorizationQuery = z.object({
  response_type: one().describe("`code`"),
  client_id: one().describe("The id of a client, or the URL of its metadata document"),
  redirect_uri: maybe(),
  scope: maybe(),
  state: maybe(),
  code_challenge: maybe(),
  code_challenge_method: maybe().describe("`S256`"),
  resource: many().describe("May be repeated"),
  response_mode: maybe().describe("`query` or `form_post`"),
  prompt: maybe(),
  max_age: maybe(),
});

const managed = { tag: "Registration", path: ["clientId"], security: [{ registrationToken: [] }] };

/** /auth */
export const oauth: Operations = {
  "/auth/authorize": {
    get: operation({
      ...{
        id: "authorize",
        tag: "Pages",
        summary: "Ask a person for authorization (RFC 6749 section 4.1.1)",
      },
      query: authorizationQuery,
      security: [],
      answers: { ...page, "302": answeredNothing("To the sign-in, or back to the client") },
    }),
  },
  "/auth/consent": pages("consent", "What the person decided", "post"),
  "/auth/login": { ...pages("signInPage", "Sign in"), ...pages("signIn", "Send the sign-in form", "post") },
  "/auth/logout": {
    ...pages("signOutPage", "Sign out"),
    ...pages("signOut", "Send the sign-out form", "post"),
  },
  "/auth/account": pages("account", "A person's own sessions and apps"),
  "/auth/account/end-session": pages("endOwnSession", "End a session of one's own", "post"),
  "/auth/account/disconnect": pages("disconnectOwnApp", "Disconnect an app", "post"),
  "/auth/account/sign-out-everywhere": pages(
    "signOutEverywhere",
    "End all sessions and tokens of one's own",
    "post",
  ),
  "/auth/account/password": pages("changePassword", "Change one's own password", "post"),
  "/auth/token": {
    post: operation({
      ...{ id: "token", tag, summary: "Get tokens (RFC 6749 section 3.2)" },
      ...{ body: tokenForm, bodyType: form, security: byClient },
      answers: {
        "200": answered("The tokens", tokenAnswer),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
  },
  "/auth/introspect": {
    post: operation({
      ...{ id: "introspect", tag, summary: "Ask whether a token is good (RFC 7662)" },
      ...{ body: introspectionForm, bodyType: form, security: byClient },
      answers: {
        "200": answered("What the token allows, or that it is not active", introspectionAnswer),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
  },
  "/auth/revoke": {
    post: operation({
      ...{ id: "revoke", tag, summary: "Revoke a token (RFC 7009)" },
      ...{ body: revocationForm, bodyType: form, security: byClient },
      answers: {
        "200": answeredNothing("No validation that starts later succeeds; an unknown token is no error"),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
  },
  "/auth/register": {
    post: operation({
      ...{ id: "register", tag: "Registration", summary: "Register a client (RFC 7591)" },
      ...{ body: clientMetadata, security: [{ accessToken: [] }, {}] },
      answers: {
        "201": answered("The client", clientInformationAnswer),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
  },
  "/auth/register/{clientId}": {
    get: operation({
      ...{ ...managed, id: "readRegistration", summary: "Read a registration (RFC 7592)" },
      answers: {
        "200": answered("The client", clientInformationAnswer),
        ...{ "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
    put: operation({
      ...{
        ...managed,
        id: "updateRegistration",
        summary: "Replace a registration (RFC 7592)",
        body: clientMetadata,
      },
      answers: {
        "200": answered("The client", clientInformationAnswer),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable },
      },
    }),
    delete: operation({
      ...{ ...managed, id: "deleteRegistration", summary: "Delete a registration (RFC 7592)" },
      answers: {
        "204": answeredNothing("The client is deleted"),
        ...{ "401": unauthorized, "403": forbidden, "503": unavailable },
      },
    }),
  },
  "/auth/register/client": {
    post: operation({
      ...{ id: "registerByAdministrator", tag: "Registration", summary: "Register a client, by a form" },
      description: "`POST /admin/clients` takes more.",
      ...{
        body: operatorsClientForm,
        bodyType: form,
        security: [{ accessToken: [] }, { oauth2: ["admin"] }],
      },
      answers: {
        "200": answered("The client", operatorsClientAnswer),
        ...{ "400": badRequest, "401": unauthorized, "403": forbidden, "404": notFound, "503": unavailable },
      },
    }),
  },
  "/auth/assets/dacapo.css": {
    get: operation({
      ...{ id: "stylesheet", tag: "Pages", summary: "The style of the pages", security: [] },
      answers: { "200": answeredText("A style sheet", "text/css"), "403": forbidden },
    }),
  },
};
