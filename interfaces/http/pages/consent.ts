import { html } from "ghtml";
import { hiddenField, layout, notice, paths } from "./layout.ts";
import { address, clientNamed, name } from "./untrusted.ts";

export type ConsentView = {
  /** Relative, with the query of the authorization request. */
  action: string;
  csrf: string;
  username: string;
  clientName: string;
  /** The host that answers for the client: that of a client metadata document. */
  clientHost?: string | null | undefined;
  redirectHost: string;
  loopbackOnly: boolean;
  selfRegistered: boolean;
  scopes: readonly { name: string; description: string }[];
  resources: readonly string[];
};

/** The heading never holds the client's name: a name can claim anything, so it stands where a name is expected. */
export function consentPage(view: ConsentView): string {
  return layout({
    title: "Allow access?",
    main: html`<h1>Allow access?</h1>
<p class="lead">An app asks to use your account.</p>
!${facts(view)}
!${view.loopbackOnly ? notice("caution", onThisComputer) : ""}
!${view.selfRegistered ? notice("note", unvouched(view.clientHost)) : ""}
!${permissions(view.scopes)}
<form method="post" action="${view.action}">
!${hiddenField("csrf", view.csrf)}
<div class="actions pair">
<button class="primary" type="submit" name="decision" value="approve">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>
</form>
<p class="aside">Signed in as !${name(view.username)}. Not you? <a href="${paths.logout}">Sign out</a></p>`,
  });
}

function facts({ clientName, clientHost, redirectHost, resources }: ConsentView): string {
  return html`<dl class="facts">
<div><dt>App</dt><dd class="app">!${clientNamed(clientName)}</dd></div>
!${clientHost ? fact("Published at", [clientHost]) : ""}
!${fact("Sends you back to", [redirectHost])}
!${resources.length > 0 ? fact("To be used at", resources) : ""}
</dl>`;
}

function fact(term: string, addresses: readonly string[]): string {
  return html`<div><dt>${term}</dt>!${addresses.map((it) => html`<dd>!${address(it)}</dd>`)}</div>`;
}

function permissions(scopes: ConsentView["scopes"]): string {
  if (scopes.length === 0) return "";
  const items = scopes.map((it) => html`<li><span>${it.description}</span> <code>${it.name}</code></li>`);
  return html`<h2 id="permissions">It will be able to</h2>
<ul class="permissions" aria-labelledby="permissions">!${items}</ul>`;
}

const onThisComputer = html`<strong>The app runs on this computer.</strong> Any program here could pretend to be it
and receive the access you give. Allow it only if you have just started it yourself.`;

function unvouched(clientHost: string | null | undefined): string {
  const trust = clientHost
    ? html`Trust it as far as you trust !${address(clientHost)}.`
    : "Anyone can choose any name, so look at where it sends you back to.";
  return html`<strong>Nobody has vouched for this app.</strong> It registered itself, and its name is its own claim.
!${trust}`;
}
