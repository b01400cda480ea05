#!/usr/bin/env node
// The name that the guide starts the demo server by.
process.argv.splice(2, 0, "serve", "--demo");
await import("./bin.js");
