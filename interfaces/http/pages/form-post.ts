import { createHash } from "node:crypto";
import { html } from "ghtml";
import { hiddenField, layout } from "./layout.ts";

/**
 * By way of the prototype, since a field named "submit" would hide the form's own method. It runs while the page is
 * still loading, so that the browser replaces this page in its history and Back does not post the same code again.
 */
const script = "HTMLFormElement.prototype.submit.call(document.forms[0])";

/** For `script-src`: the one script that our pages ever run. */
export const formPostScriptHash = `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

export type FormPostView = { action: string; fields: Readonly<Record<string, string>> };

/** The answer of `response_mode=form_post`: a form that sends itself to the client, or by its button. */
export function formPostPage({ action, fields }: FormPostView): string {
  const inputs = Object.entries(fields).map(([name, value]) => hiddenField(name, value));
  return layout({
    title: "Back to the app",
    main: html`<h1>Back to the app</h1>
<p>You are being sent on. If nothing happens, continue by hand.</p>
<form method="post" action="${action}">
!${inputs}
<div class="actions"><button class="primary" type="submit">Continue</button></div>
</form>`,
    afterMain: `<script>${script}</script>`,
  });
}
