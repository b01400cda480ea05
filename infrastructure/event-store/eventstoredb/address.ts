import { EventStoreDBClient } from "@eventstore/db-client";
import { type PemFile, readCas, readKeyPair } from "../../network/pem.ts";

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
    "tlsVerifyCert",
    "userCertFile",
    "userKeyFile",
  ].map((option) => option.toLowerCase()),
);

const form = "esdb://user:password@host:port?option=value or esdb+discover://…";

/**
 * A client for a connection string.
 * @throws {ConfigurationError} which names a file of TLS that cannot be used
 * @throws an error that names no part of the string that may be a credential
 */
export function createClient(url: string): EventStoreDBClient {
  const options = optionsOf(url);
  refuseOptions(options);
  requireFiles(options);
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

/** An option as it is written, by its name as the client reads it. */
interface Option {
  readonly written: string;
  readonly name: string;
  readonly value: string;
}

function optionsOf(url: string): readonly Option[] {
  const query = url.slice(url.lastIndexOf("@") + 1).split("?")[1] ?? "";
  const pairs = query.split("&").filter((pair) => pair !== "");
  return pairs.map((pair) => {
    const [written = "", value = ""] = pair.split("=");
    return { written, name: written.trim().toLowerCase().replace(/[_-]/g, ""), value: value.trim() };
  });
}

const must = (what: string): Error => new Error(`the address of the event store must ${what}`);

// The client prints the whole connection string when it meets an option that it does not know.
function refuseOptions(options: readonly Option[]): void {
  for (const { written, name, value } of options) {
    if (!known.has(name))
      throw new Error(
        `the address of the event store has the option ${written}, which its client does not know`,
      );
    if (name === "throwonappendfailure" && value !== "true") throw must("leave throwOnAppendFailure on");
    if (name === "tlsverifycert" && value !== "true")
      throw must("leave tlsVerifyCert on: certificates are verified always; name their CA by tlsCAFile");
  }
}

// The client's own errors name no file, and what is no PEM it notices at the first call only.
function requireFiles(options: readonly Option[]): void {
  const fileOf = (option: string): PemFile | undefined => {
    const found = options.find(({ name }) => name === option.toLowerCase());
    return found && { setting: `eventstoreUrl, ${option}`, file: decoded(found) };
  };
  const [ca, cert, key] = [fileOf("tlsCAFile"), fileOf("userCertFile"), fileOf("userKeyFile")];
  if (ca) readCas(ca);
  if ((cert === undefined) !== (key === undefined))
    throw must("have both userCertFile and userKeyFile, or none");
  if (cert && key) readKeyPair(cert, key);
}

function decoded({ written, value }: Option): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw must(`have a percent-encoded file as ${written}`);
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it must be ${form}`;
  if (!("connectionString" in error)) return error.message;
  return `it must be ${form}; ${"expected" in error ? String(error.expected) : "something else"} was expected`;
}
