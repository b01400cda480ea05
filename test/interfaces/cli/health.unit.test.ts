import { expect, it } from "vitest";
import { listenerOf } from "../../../interfaces/cli/health.ts";

const here = { host: "127.0.0.1", port: 8000 };

it.each([
  ["at the address it listens on", here, "http:", "127.0.0.1", 8000],
  [
    "on this machine where it listens on all addresses",
    { ...here, host: "0.0.0.0" },
    "http:",
    "127.0.0.1",
    8000,
  ],
  ["on this machine by IPv6", { ...here, host: "::" }, "http:", "::1", 8000],
  ["by TLS where it speaks that", { ...here, tlsCertFile: "cert.pem" }, "https:", "127.0.0.1", 8000],
  [
    "at the operations port, which is plain HTTP",
    { ...here, host: "192.0.2.1", tlsCertFile: "cert.pem", operationsHost: "0.0.0.0", operationsPort: 9090 },
    "http:",
    "127.0.0.1",
    9090,
  ],
  ["at an operations port without a host", { ...here, operationsPort: 9090 }, "http:", "127.0.0.1", 9090],
])("asks %s", (_, config, protocol, host, port) => {
  expect(listenerOf(config)).toEqual({ protocol, host, port });
});
