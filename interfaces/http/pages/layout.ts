import { html } from "ghtml";
import { fermata, iconUrl, repeatSign } from "./marks.ts";
import { stylesheetUrl } from "./stylesheet.ts";

/** Where the pages lead: to each other, relative, so that they work under whatever path a proxy gives them. */
export const paths = { login: "login", logout: "logout" } as const;

type Page = { title: string; main: string; head?: string; afterMain?: string };

/** The document around a page. `main`, `head` and `afterMain` are finished HTML of ours. */
export function layout({ title, main, head, afterMain }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Dacapo</title>
<link rel="icon" href="${iconUrl}">
<link rel="stylesheet" href="${stylesheetUrl}">
!${head}
</head>
<body>
<div class="page">
<header class="brand">!${repeatSign}<span class="wordmark">Dacapo</span></header>
<main class="sheet">
!${main}
</main>
</div>
!${afterMain}
</body>
</html>
`;
}

/** A line or two that must be seen; a caution more than a note. `body` is finished HTML of ours. */
export function notice(kind: "caution" | "note", body: string): string {
  return html`<div class="notice ${kind}">!${kind === "caution" ? fermata : ""}<p>!${body}</p></div>`;
}

export function hiddenField(name: string, value: string): string {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
