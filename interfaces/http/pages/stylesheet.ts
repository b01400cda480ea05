import { createHash } from "node:crypto";

/** The look of every page: slate paper, black ink, one blue, as on the covers of engraved music. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --desk: #dde4e9;
  --sheet: #fff;
  --ink: #14202b;
  --soft: #4d5c69;
  --staff: #a9b7c2;
  --rule: #d3dbe1;
  --edge: #75838f;
  --blue: #1c5080;
  --blue-deep: #143c61;
  --on-blue: #fff;
  --well: #f1f4f6;
  --caution: #fdf2d8;
  --caution-edge: #d8b35c;
  --caution-ink: #5f4103;
  --error: #fcebea;
  --error-edge: #d98d88;
  --error-ink: #8f1d18;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "Book Antiqua", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --desk: #10171d;
    --sheet: #18222b;
    --ink: #e8edf1;
    --soft: #a3b1bd;
    --staff: #44535f;
    --rule: #2d3a45;
    --edge: #71808d;
    --blue: #9cc6ec;
    --blue-deep: #bcdaf4;
    --on-blue: #0d1a26;
    --well: #202c36;
    --caution: #33290f;
    --caution-edge: #7d6322;
    --caution-ink: #f2d58f;
    --error: #3a1c1b;
    --error-edge: #8f4743;
    --error-ink: #ffb9b3;
  }
}

*, *::before, *::after { box-sizing: border-box; }

html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }

body {
  margin: 0;
  background: var(--sheet);
  color: var(--ink);
  font: 1rem/1.5 var(--sans);
  overflow-wrap: anywhere;
}

.page { max-width: 29rem; margin-inline: auto; padding: 1.5rem min(1.25rem, 6.25vw) 2.5rem; }

/* The staff: five lines, opened by the repeat sign. */
.brand {
  display: flex;
  align-items: center;
  gap: .375rem;
  height: 25px;
  margin-block-end: 2rem;
  background: repeating-linear-gradient(var(--staff) 0 1px, transparent 1px 6px);
}
.brand svg { flex: none; fill: currentColor; }
.wordmark {
  padding-inline: .375rem .625rem;
  background: var(--sheet);
  font: italic 600 1.375rem/25px var(--serif);
  letter-spacing: .005em;
}

h1 { margin: 0; font: 600 1.75rem/1.2 var(--serif); text-wrap: balance; }
h2 { margin: 1.5rem 0 .5rem; font: 600 1rem/1.4 var(--sans); }
p { margin: .75rem 0 0; text-wrap: pretty; }
a { color: var(--blue); text-underline-offset: .15em; }
a:hover { color: var(--blue-deep); }
code { font: .875em/1.4 var(--mono); }
form { margin: 1.5rem 0 0; }

.lead { margin-block-start: .25rem; color: var(--soft); }
.lead .name { color: var(--ink); }
.name { unicode-bidi: isolate; font-weight: 600; }
.address { unicode-bidi: isolate; }
.aside { margin-block-start: 1.5rem; color: var(--soft); font-size: .875rem; }
.aside code { display: block; color: var(--ink); user-select: all; }

.field { margin-block-start: 1rem; }
.field label { display: block; margin-block-end: .375rem; font-weight: 600; }
.field input {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: .625rem .75rem;
  border: 1px solid var(--edge);
  border-radius: 4px;
  background: var(--sheet);
  color: inherit;
  font: inherit;
}
.field input[aria-invalid="true"] { border-color: var(--error-ink); }

.check { display: flex; align-items: center; gap: .625rem; margin-block-start: .75rem; }
.check input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--blue); }
.check label { flex: 1; padding-block: .625rem; }

.error {
  margin: 0;
  padding: .75rem;
  border: 1px solid var(--error-edge);
  border-radius: 4px;
  background: var(--error);
  color: var(--error-ink);
}

.actions { margin-block-start: 1.5rem; }
.actions.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 7.5rem), 1fr)); gap: .75rem; }
button, .button {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: .625rem 1rem;
  border: 1px solid var(--edge);
  border-radius: 4px;
  background: transparent;
  color: var(--ink);
  font: 600 1rem/1.5 var(--sans);
  overflow-wrap: break-word;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
button:hover, .button:hover { border-color: var(--ink); background: var(--well); color: var(--ink); }
button.primary { border-color: var(--blue); background: var(--blue); color: var(--on-blue); }
button.primary:hover { border-color: var(--blue-deep); background: var(--blue-deep); color: var(--on-blue); }

:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }

.facts { margin: 1.25rem 0 0; border-block: 1px solid var(--rule); }
.facts > div { padding-block: .625rem; }
.facts > div + div { border-block-start: 1px solid var(--rule); }
.facts dt { color: var(--soft); font-size: .875rem; }
.facts dd { margin: 0; }
.facts .app { font-size: 1.125rem; }

.notice {
  display: flex;
  gap: .75rem;
  margin-block-start: 1rem;
  padding: .75rem;
  border: 1px solid var(--rule);
  border-radius: 4px;
  background: var(--well);
  font-size: .9375rem;
}
.notice svg { flex: none; margin-block-start: .125rem; fill: currentColor; }
.notice p { flex: 1; min-width: 0; margin: 0; }
.notice strong { display: block; }
.notice.caution { border-color: var(--caution-edge); background: var(--caution); color: var(--caution-ink); }

.rows { margin: 0; padding: 0; border-block: 1px solid var(--rule); list-style: none; }
.rows li { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; padding-block: .75rem; }
.rows li + li { border-block-start: 1px solid var(--rule); }
.rows li > div { flex: 1 1 14rem; min-width: 0; }
.rows p { margin: 0; }
.rows form { margin: 0; }
.rows button { width: auto; min-height: 2.75rem; padding: .375rem .875rem; font-size: .9375rem; }
.rows .what { font-weight: 600; }
.rows em { color: var(--soft); font-weight: 400; }
.soft { color: var(--soft); font-size: .875rem; }

.permissions { margin: 0; padding: 0; list-style: none; }
.permissions li { position: relative; padding-inline-start: 1.375rem; }
.permissions li + li { margin-block-start: .5rem; }
.permissions li::before {
  content: "";
  position: absolute;
  inset-block-start: .5em;
  inset-inline-start: .125rem;
  width: .5rem;
  height: .5rem;
  border-radius: 50%;
  background: currentColor;
}
.permissions code { color: var(--soft); }

@media (min-width: 36rem) {
  body { display: grid; min-height: 100vh; place-content: safe center; background: var(--desk); }
  .page { width: 32rem; max-width: none; margin: 0; padding: 2.5rem 0; }
  .sheet { padding: 2.25rem 2.5rem 2.5rem; border-radius: 4px; background: var(--sheet); }
  .brand { margin-block-end: 1.25rem; }
  .wordmark { background: var(--desk); }
  .facts > div { display: grid; grid-template-columns: 8.5rem 1fr; column-gap: 1rem; align-items: baseline; }
  .facts dd { grid-column: 2; }
}

@media (prefers-reduced-motion: no-preference) {
  button, .button, a { transition: background-color .15s, border-color .15s, color .15s; }
}

@media (forced-colors: active) {
  .permissions li::before { background: CanvasText; }
  button.primary { border-width: 2px; }
}
`;

/** A short fingerprint of the content: the URL changes with it, so the file can be cached for ever. */
export const stylesheetHash = createHash("sha256").update(stylesheet).digest("base64url").slice(0, 12);

export const stylesheetPath = "/auth/assets/dacapo.css";

/** Relative to the pages under /auth. */
export const stylesheetUrl = `assets/dacapo.css?v=${stylesheetHash}`;
