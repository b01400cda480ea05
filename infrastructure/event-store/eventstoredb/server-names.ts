import { isIP } from "node:net";
import { credentials } from "@grpc/grpc-js";

interface Connector {
  readonly connectionOptions?: { servername?: string | undefined };
}

interface SecureCredentials {
  _createSecureConnector(...given: unknown[]): Connector;
}

let guarded = false;

/**
 * Lets TLS servers be named by their address, as nodes of a cluster name each other. gRPC sends the address as a name, which TLS
 * forbids (RFC 6066 section 3) and Node 26 refuses. Without it the certificate is checked all the same, for the address.
 */
export function guardServerNames(): void {
  if (guarded) return;
  guarded = true;
  const prototype = Object.getPrototypeOf(credentials.createSsl()) as SecureCredentials;
  const create = prototype._createSecureConnector;
  prototype._createSecureConnector = function (this: unknown, ...given) {
    const connector = create.apply(this, given);
    const { connectionOptions } = connector;
    if (connectionOptions && isIP(connectionOptions.servername ?? "") !== 0)
      connectionOptions.servername = undefined;
    return connector;
  };
}
