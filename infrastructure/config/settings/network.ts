import { isNetwork } from "../../network/addresses.ts";
import { flag, list } from "../fields.ts";
import { shown } from "../shown.ts";

const networks = () =>
  list("addresses and networks such as 10.0.0.0/8").superRefine((all, context) => {
    for (const entry of all)
      if (!isNetwork(entry))
        context.addIssue({
          code: "custom",
          message: `${shown(entry)} must be an address or a network such as 10.0.0.0/8`,
        });
  });

/** The origin of a URL as browsers send it; undefined where there is none. */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url && url.host !== "" ? `${url.protocol}//${url.host}` : undefined;
}

function originFault(entry: string): string | undefined {
  if (entry.includes("*"))
    return `${shown(entry)}: there is no wildcard, each origin is named (token, registration and discovery are open to all)`;
  const origin = originOf(entry);
  if (origin === entry) return undefined;
  const wanted = origin === undefined ? "scheme://host or scheme://host:port" : shown(origin);
  return `${shown(entry)} must be an origin as browsers send it, ${wanted}`;
}

const origins = () =>
  list("origins such as https://myapp.com").superRefine((all, context) => {
    for (const entry of all) {
      const message = originFault(entry);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    }
  });

/** IPWhitelist of the guide, and what else is said of who may connect. */
export const network = {
  corsOrigins: origins().default([]).describe("origins whose pages may call the API"),
  allowNetworks: networks()
    .default([])
    .describe("addresses and networks (CIDR, IPv4 and IPv6) that may connect; everybody where empty"),
  adminNetworks: networks()
    .default([])
    .describe("addresses and networks that may use the admin API; as allowNetworks where empty"),
  trustProxy: networks()
    .default([])
    .describe("addresses (CIDR) of proxies whose X-Forwarded-For is believed"),
  rateLimit: flag().default(true).describe("off for load tests; refused unless the issuer is on loopback"),
};
