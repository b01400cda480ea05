import { flag, number, oneOf, text } from "../fields.ts";

/** What a process serves, and where. */
export const server = {
  host: text().default("127.0.0.1").describe("address to listen on"),
  port: number(0, 65_535).default(8000).describe("port to listen on; 0 takes a free one"),
  logLevel: oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent")
    .default("info")
    .describe("what is logged: fatal, error, warn, info, debug, trace or silent"),
  worker: flag().default(true).describe("whether serve runs projector and jobs itself"),
  mcp: flag().default(false).describe("serve the music analysis tools at /mcp; on in the demo"),
  demo: flag().default(false).describe("users, client and resource of the guide; never in production"),
  demoOnNetwork: flag().default(false).describe("keep the well-known demo passwords on a network address"),
};
