import { z } from "zod";
import { flag, number, oneOf, text } from "../fields.ts";

const takesUrl = "an http or https URL such as http://localhost:4318, without user and password";

const url = () =>
  z
    .string(`must be ${takesUrl}`)
    .refine((value) => {
      const parsed = URL.parse(value);
      return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username + parsed.password === "";
    }, `must be ${takesUrl}`)
    .meta({ takes: takesUrl });

/** What a process serves, and where. */
export const server = {
  host: text().default("127.0.0.1").describe("address to listen on"),
  port: number(0, 65_535).default(8000).describe("port to listen on; 0 takes a free one"),
  tlsCertFile: text()
    .optional()
    .describe(
      "PEM file of the certificate, with those that lead to its CA; HTTPS where set, with tlsKeyFile",
    ),
  tlsKeyFile: text().optional().describe("PEM file of the key of tlsCertFile, without a passphrase"),
  tlsClientCaFile: text()
    .optional()
    .describe(
      "PEM file of CAs; only clients with a certificate by one of them may connect (no client authentication of OAuth)",
    ),
  operationsHost: text().default("127.0.0.1").describe("address that operationsPort listens on"),
  operationsPort: number(1, 65_535)
    .optional()
    .describe("port of its own for /metrics, /livez and /readyz, of serve and worker; none where unset"),
  otlpEndpoint: url()
    .optional()
    .describe("base URL of an OpenTelemetry collector (OTLP over HTTP) that traces go to; none where unset"),
  traceRatio: number(0, 1, false).default(1).describe("share of the requests that are traced"),
  logLevel: oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent")
    .default("info")
    .describe("what is logged: fatal, error, warn, info, debug, trace or silent"),
  worker: flag().default(true).describe("whether serve runs projector and jobs itself"),
  mcp: flag().default(false).describe("serve the music analysis tools at /mcp; on in the demo"),
  shutdownDelaySeconds: number(0, 300, false)
    .default(0)
    .describe("how long serve still answers, not ready any more, after it was told to stop"),
  apiDocs: flag()
    .default(true)
    .describe("serve the description of the API at /openapi.json and a page to try it at /docs"),
  demo: flag().default(false).describe("users, client and resource of the guide; never in production"),
  demoOnNetwork: flag().default(false).describe("keep the well-known demo passwords on a network address"),
};
