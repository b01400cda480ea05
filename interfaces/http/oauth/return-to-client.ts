import type { FastifyReply } from "fastify";
import type { ReturnAddress } from "../../../application/queries/authorization-request.ts";
import type { Refusal } from "../../../domain/oauth/refusal.ts";
import { formTarget, sendPage } from "../page.ts";
import { formPostPage, formPostScriptHash } from "../pages/form-post.ts";

/** The URI of an answer by query; what the client registered stays as it is. */
export function responseUri(redirectUri: string, fields: Readonly<Record<string, string>>): string {
  const separator = redirectUri.includes("?") ? "&" : "?";
  return `${redirectUri}${separator}${new URLSearchParams(fields)}`;
}

/** The parameters of an error response (RFC 6749 §4.1.2.1, RFC 9207 §2). */
export const errorFields = (
  { state }: ReturnAddress,
  { error, description }: Refusal,
  issuer: string,
): Readonly<Record<string, string>> => ({
  error,
  error_description: description,
  ...(state === undefined ? {} : { state }),
  iss: issuer,
});

/** The parameters of a successful response (RFC 6749 §4.1.2, RFC 9207 §2). */
export const codeFields = (
  { state }: ReturnAddress,
  code: string,
  issuer: string,
): Readonly<Record<string, string>> => ({ code, ...(state === undefined ? {} : { state }), iss: issuer });

/** Sends the person back to the client: by 303, so that no form is ever posted on (RFC 9700 §4.12), or by form_post. */
export function returnToClient(
  reply: FastifyReply,
  { redirectUri, responseMode }: ReturnAddress,
  fields: Readonly<Record<string, string>>,
): FastifyReply {
  if (responseMode === "query")
    return reply
      .headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" })
      .redirect(responseUri(redirectUri, fields), 303);
  return sendPage(reply, formPostPage({ action: redirectUri, fields }), {
    formTargets: [formTarget(redirectUri)],
    scripts: [formPostScriptHash],
  });
}
