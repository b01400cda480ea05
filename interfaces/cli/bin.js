#!/usr/bin/env node
import fs from "node:fs";
import module from "node:module";

// The same file runs the sources of a clone, which it lies beside, and in dist what was compiled from them.
const isClone = fs.existsSync(new URL("./main.ts", import.meta.url));

// Plain JavaScript, so that a Node too old to strip types can still say what is missing.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `Dacapo needs Node 24 or newer and this is ${process.version}. ${
      isClone
        ? '"npm install" brings one, which "npm start" and "npm run dacapo --" use; if they say this, its install script ' +
          'was not allowed to run: "npm rebuild node".'
        : 'Install one, or bring it along: "npm install node@26".'
    }`,
  );
  process.exit(1);
}
// Stripped types and compiled code are kept by Node, so that the second start is fast; threads find them by the environment.
const { directory } = module.enableCompileCache();
if (directory) process.env.NODE_COMPILE_CACHE ??= directory;
const { main } = await import(isClone ? "./main.ts" : "./main.js");
await main(process.argv);
