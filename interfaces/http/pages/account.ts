import { html } from "ghtml";
import { hiddenField, layout, notice, paths } from "./layout.ts";
import { address, clientNamed, name, tame } from "./untrusted.ts";

export type SessionView = {
  sessionId: string;
  isThisOne: boolean;
  device: string;
  address: string;
  /** Of an MCP session: the app that opened it. */
  clientName: string | null;
  /** Epoch milliseconds. */
  startedAt: number;
  lastSeenAt: number;
};

export type AppView = {
  clientId: string;
  name: string;
  scopes: readonly { name: string; description: string }[];
  resources: readonly string[];
  since: number;
  lastUsedAt: number;
};

export type AccountView = {
  csrf: string;
  username: string;
  sessions: readonly SessionView[];
  apps: readonly AppView[];
  areAllShown: boolean;
  done?: string | undefined;
  passwordError?: string | undefined;
};

/** What a person can see and end: sessions, connected apps, and the password that opens them. */
export function accountPage(view: AccountView): string {
  const { csrf, username, sessions, apps, areAllShown, done, passwordError } = view;
  return layout({
    title: passwordError ? "Error: Your account" : "Your account",
    main: html`<h1>Your account</h1>
<p class="lead">Signed in as !${name(username)}. <a href="${paths.logout}">Sign out</a></p>
!${done ? html`<div role="status">!${notice("note", html`${done}`)}</div>` : ""}
<h2 id="sessions">Where you are signed in</h2>
<ul class="rows" aria-labelledby="sessions">!${sessions.map((it) => sessionRow(it, csrf))}</ul>
!${sessions.length > 1 ? signOutEverywhere(csrf) : ""}
<h2 id="apps">Connected apps</h2>
!${apps.length === 0 ? html`<p>No app may act for you.</p>` : appRows(apps, csrf)}
!${areAllShown ? "" : html`<p class="soft">There may be more. They are shown once some of these are disconnected.</p>`}
!${passwordForm(csrf, passwordError)}`,
  });
}

function sessionRow({ sessionId, isThisOne, clientName, ...it }: SessionView, csrf: string): string {
  const what = clientName === null ? "" : html`MCP session of !${clientNamed(clientName)}, `;
  return html`<li>
<div><p class="what">!${what}<bdi>${tame(it.device)}</bdi>!${isThisOne ? html` <em>this browser</em>` : ""}</p>
<p class="soft">since !${moment(it.startedAt)} · last seen !${moment(it.lastSeenAt)} from !${address(it.address)}</p></div>
!${rowForm({ action: "account/end-session", csrf, field: ["session_id", sessionId], button: isThisOne ? "Sign out" : "End", label: `${isThisOne ? "Sign out" : "End"}: ${tame(it.device)}` })}
</li>`;
}

function appRows(apps: readonly AppView[], csrf: string): string {
  return html`<ul class="rows" aria-labelledby="apps">!${apps.map((it) => appRow(it, csrf))}</ul>`;
}

function appRow(it: AppView, csrf: string): string {
  const may = it.scopes.map(({ description }) => description).join(" · ");
  const resources = it.resources.map((resource) => html` !${address(resource)}`);
  return html`<li>
<div><p class="what">!${clientNamed(it.name)}</p>
<p>${may}</p>
<p class="soft">at!${resources} · since !${moment(it.since)} · last token !${moment(it.lastUsedAt)}</p></div>
!${rowForm({ action: "account/disconnect", csrf, field: ["client_id", it.clientId], button: "Disconnect", label: `Disconnect: ${tame(it.name)}` })}
</li>`;
}

type RowForm = {
  action: string;
  csrf: string;
  field: readonly [string, string];
  button: string;
  label: string;
};

function rowForm({ action, csrf, field, button, label }: RowForm): string {
  return html`<form method="post" action="${action}">!${hiddenField("csrf", csrf)}!${hiddenField(...field)}<button type="submit" aria-label="${label}">${button}</button></form>`;
}

function signOutEverywhere(csrf: string): string {
  return html`<form method="post" action="account/sign-out-everywhere">!${hiddenField("csrf", csrf)}
<p class="soft">Ends all of these sessions, this one too, and all access of apps.</p>
<div class="actions"><button type="submit">Sign out everywhere</button></div></form>`;
}

function passwordForm(csrf: string, error: string | undefined): string {
  const describedBy = error ? html` aria-invalid="true" aria-describedby="password-error"` : "";
  return html`<h2 id="password">Change the password</h2>
<form method="post" action="account/password" aria-labelledby="password">
<p class="soft">All other sessions end, and all access of apps.</p>
!${error ? html`<p class="error" id="password-error" role="alert">${error}</p>` : ""}
!${hiddenField("csrf", csrf)}
<div class="field">
<label for="present">Present password</label>
<input id="present" name="present_password" type="password" autocomplete="current-password" required!${describedBy}>
</div>
<div class="field">
<label for="wanted">New password, 8 characters at least</label>
<input id="wanted" name="new_password" type="password" autocomplete="new-password" minlength="8" maxlength="256" required!${describedBy}>
</div>
<div class="actions"><button class="primary" type="submit">Change the password</button></div>
</form>`;
}

const written = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});

function moment(time: number): string {
  const date = new Date(time);
  return html`<time datetime="${date.toISOString()}">${written.format(date)} UTC</time>`;
}
