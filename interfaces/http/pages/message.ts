import { html } from "ghtml";
import { hiddenField, layout, paths } from "./layout.ts";
import { address, clientNamed } from "./untrusted.ts";

export type ErrorView = { title: string; message: string; requestId?: string | undefined };

export function errorPage({ title, message, requestId }: ErrorView): string {
  return layout({
    title,
    main: html`<h1>${title}</h1>
<p>${message}</p>
!${requestId ? html`<p class="aside">If you report this, add its reference: <code>${requestId}</code></p>` : ""}`,
  });
}

export type InterstitialView = { clientName: string; host: string; error: string; continueUrl: string };

/** Stands between an error and a client that nobody vouched for: the visitor goes on only by an own decision. */
export function interstitialPage({ clientName, host, error, continueUrl }: InterstitialView): string {
  return layout({
    title: "Request not completed",
    main: html`<h1>Request not completed</h1>
<p>This request by !${clientNamed(clientName)} could not be completed (<code>${error}</code>). Nothing was shared with it.</p>
<p>If you did not expect this, close this page.</p>
<div class="actions"><a class="button" href="${continueUrl}" rel="noreferrer">Continue to !${address(host)}</a></div>`,
  });
}

export function signedOutPage(): string {
  return layout({
    title: "You are signed out",
    main: html`<h1>You are signed out</h1>
<p>You can close this page now.</p>
<p class="aside"><a href="${paths.login}">Sign in again</a></p>`,
  });
}

export function logoutPage({ csrf }: { csrf: string }): string {
  return layout({
    title: "Sign out?",
    main: html`<h1>Sign out?</h1>
<p>This ends your session in this browser. Apps that you allowed during it may have to ask you again.</p>
<form method="post" action="${paths.logout}">
!${hiddenField("csrf", csrf)}
<div class="actions"><button class="primary" type="submit">Sign out</button></div>
</form>`,
  });
}
