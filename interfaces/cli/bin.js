#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to strip types can still say what is missing.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `Dacapo needs Node 24 or newer and this is ${process.version}: "npm install" brings one as the package "node", ` +
      'whose install script must be allowed to run ("npm rebuild node" runs it again).',
  );
  process.exit(1);
}
const { main } = await import(import.meta.url.includes("/dist/") ? "./main.js" : "./main.ts");
await main(process.argv);
