import { html } from "ghtml";
import { layout } from "./layout.ts";

/** A page that goes on by itself, or by its link, to another query of its own address. */
export function throughPage(query: string): string {
  return layout({
    title: "One moment",
    head: html`<meta http-equiv="refresh" content="0; url=${query}">`,
    main: html`<h1>One moment</h1>
<p>You are being sent on. If nothing happens, continue by hand.</p>
<div class="actions"><a class="button" href="${query}">Continue</a></div>`,
  });
}
