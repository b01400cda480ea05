import { html } from "ghtml";
import { hiddenField, layout, paths } from "./layout.ts";
import { clientNamed } from "./untrusted.ts";

export type LoginView = {
  csrf: string;
  returnUrl: string;
  username?: string | undefined;
  error?: string | undefined;
  clientName?: string | undefined;
};

export function loginPage({ csrf, returnUrl, username, error, clientName }: LoginView): string {
  const describedBy = error ? html` aria-invalid="true" aria-describedby="sign-in-error"` : "";
  const [focusUsername, focusPassword] = username ? ["", " autofocus"] : [" autofocus", ""];
  return layout({
    title: error ? "Error: Sign in" : "Sign in",
    main: html`<h1>Sign in</h1>
!${clientName ? html`<p class="lead">to continue with !${clientNamed(clientName)}</p>` : ""}
<form method="post" action="${paths.login}">
!${error ? html`<p class="error" id="sign-in-error" role="alert">${error}</p>` : ""}
!${hiddenField("csrf", csrf)}!${hiddenField("return_url", returnUrl)}
<div class="field">
<label for="username">Username</label>
<input id="username" name="username" type="text" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required!${describedBy}!${focusUsername}>
</div>
<div class="field">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required!${describedBy}!${focusPassword}>
</div>
<div class="check">
<input id="remember_me" name="remember_me" type="checkbox" value="on">
<label for="remember_me">Keep me signed in on this device</label>
</div>
<div class="actions"><button class="primary" type="submit">Sign in</button></div>
</form>`,
  });
}
