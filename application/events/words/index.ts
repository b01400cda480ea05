import type { DomainEvent } from "../../../domain/decider.ts";
import { clientWords } from "./clients.ts";
import { deploymentWords } from "./deployment.ts";
import { grantWords } from "./grants.ts";
import { peopleWords } from "./people.ts";

const words: Readonly<Record<string, (data: never) => string>> = {
  ...grantWords,
  ...peopleWords,
  ...clientWords,
  ...deploymentWords,
};

/** An event as a sentence for the log. */
export const sentenceOf = ({ type, data }: DomainEvent): string => words[type]?.(data as never) ?? type;
