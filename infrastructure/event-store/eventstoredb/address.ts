import { EventStoreDBClient } from "@eventstore/db-client";

const known = new Set(
  [
    "connectionName",
    "defaultDeadline",
    "discoveryInterval",
    "gossipTimeout",
    "keepAliveInterval",
    "keepAliveTimeout",
    "maxDiscoverAttempts",
    "nodePreference",
    "throwOnAppendFailure",
    "tls",
    "tlsCAFile",
    "userCertFile",
    "userKeyFile",
  ].map((option) => option.toLowerCase()),
);

const form = "esdb://user:password@host:port?option=value or esdb+discover://…";

/**
 * A client for a connection string.
 * @throws an error that names no part of the string that may be a credential
 */
export function createClient(url: string): EventStoreDBClient {
  refuseOptions(url);
  try {
    return forgiving(EventStoreDBClient.connectionString(url));
  } catch (error) {
    // The client's own error repeats the connection string, so it is not even a cause.
    throw new Error(`the address of the event store cannot be used: ${explain(error)}`);
  }
}

/**
 * The client looks at a failed connection beside the call, and what fails there in turn, such as discovery during an
 * election, nobody handles: Node would end the process. The call itself fails all the same, or its next try.
 */
function forgiving(client: EventStoreDBClient): EventStoreDBClient {
  const inner = client as unknown as { handleError: (...given: unknown[]) => Promise<void> };
  const handle = inner.handleError;
  inner.handleError = (...given) => handle(...given).catch(() => undefined);
  return client;
}

// The client prints the whole connection string when it meets an option that it does not know.
function refuseOptions(url: string): void {
  const options = url.slice(url.lastIndexOf("@") + 1).split("?")[1] ?? "";
  for (const [name, value] of new URLSearchParams(options)) {
    const flat = name.trim().toLowerCase().replace(/[_-]/g, "");
    if (!known.has(flat))
      throw new Error(
        `the address of the event store has the option ${name}, which its client does not know`,
      );
    if (flat === "throwonappendfailure" && value !== "true") {
      throw new Error("the address of the event store must leave throwOnAppendFailure on");
    }
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it must be ${form}`;
  if (!("connectionString" in error)) return error.message;
  return `it must be ${form}; ${"expected" in error ? String(error.expected) : "something else"} was expected`;
}
