/** The whole look of a report, which holds it itself: light and dark, wide and narrow, on paper too. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f5f1, #16171a);
  --sheet: light-dark(#ffffff, #1f2125);
  --ink: light-dark(#1c1d20, #e9e8e4);
  --soft: light-dark(#5d6068, #a2a5ad);
  --line: light-dark(#dddbd3, #373a41);
  --s0: light-dark(#2f6fb4, #6ba6e8);
  --s1: light-dark(#d9822b, #eda355);
  --s2: light-dark(#3a8f68, #63bd92);
  --s3: light-dark(#a04a8c, #d183be);
  --s4: light-dark(#8a7a1f, #cbb84d);
  --s5: light-dark(#83868e, #85888f);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 0 8px; }
p { margin: 0 0 6px; overflow-wrap: anywhere; }
.soft, time { color: var(--soft); font-size: 0.87rem; }
section { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-top: 18px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; margin: 20px 0 0; }
.facts div { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; }
.facts dt { color: var(--soft); font-size: 0.87rem; }
.facts dd { margin: 0; font-size: 1.5rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px 28px; align-items: start; }
.chart { display: block; width: 100%; height: auto; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
.tick { fill: var(--soft); font: 11.5px system-ui, sans-serif; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); }
.s3 { fill: var(--s3); } .s4 { fill: var(--s4); } .s5 { fill: var(--s5); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 0 0 8px; padding: 0; font-size: 0.87rem; }
.key { width: 10px; height: 10px; margin-right: 6px; }
.scroll { max-height: 290px; overflow: auto; border: 1px solid var(--line); border-radius: 6px; }
.scroll.wide { max-height: none; }
table { border-collapse: collapse; width: 100%; font-size: 0.87rem; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: normal; }
thead th, thead td { position: sticky; top: 0; background: var(--sheet); color: var(--soft); border-top: 0; box-shadow: 0 1px var(--line); vertical-align: bottom; }
tbody th { white-space: nowrap; }
.wide tbody th { white-space: normal; min-width: 10.5rem; }
.wide th:has(.long) { min-width: 13.8rem; }
.number { text-align: right; white-space: nowrap; }
.pair thead .number { white-space: normal; }
.none { color: var(--soft); }
.bar { width: 28%; vertical-align: middle; }
.cellbar { display: block; width: 100%; min-width: 60px; height: 8px; }
.id { font-family: ui-monospace, monospace; font-size: 0.92em; overflow-wrap: anywhere; }
.anomalies { list-style: none; margin: 0; padding: 0; }
.anomalies li { padding: 12px 0; border-top: 1px solid var(--line); }
.anomalies li:first-child { border-top: 0; padding-top: 0; }
.anomalies p { margin: 0 0 2px; }
@media (max-width: 760px) {
  main { padding: 18px 12px 32px; }
  section { padding: 14px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .bar { display: none; }
  .legend { gap: 2px 12px; }
  .tick { font-size: 14px; }
  .pair tbody th { white-space: normal; min-width: 8.4rem; }
  .wide thead td { display: none; }
  .wide thead .number { white-space: normal; }
}
@media print {
  .scroll { max-height: none; overflow: visible; }
  section { break-inside: avoid; }
}
`;
