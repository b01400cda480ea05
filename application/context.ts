import type { Handle } from "./commands/handle.ts";
import type { Documents } from "./documents.ts";
import type { Log } from "./log.ts";
import type { Policy } from "./policy.ts";
import type { Clock } from "./ports/clock.ts";
import type { ReadModels } from "./ports/read-models.ts";
import type { Passwords, Secrets } from "./ports/secrets.ts";
import type { ClientAssertions, Tokens } from "./ports/tokens.ts";
import type { Visibility } from "./visibility.ts";

/** What use cases are made of. Each use case names the members that it needs. */
export interface Context {
  readonly log: Log;
  readonly handle: Handle;
  readonly documents: Documents;
  readonly readModels: ReadModels;
  readonly visibility: Visibility;
  readonly secrets: Secrets;
  readonly passwords: Passwords;
  /** Secrets that clients chose, apart from the passwords of people: a flood of one must not stop the other. */
  readonly clientSecrets: Passwords;
  readonly tokens: Tokens;
  readonly assertions: ClientAssertions;
  readonly clock: Clock;
  readonly policy: Policy;
}
