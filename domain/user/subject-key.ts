import { accept, type Decider, type DomainEvent } from "../decider.ts";

/** The data key of one person's fields, wrapped under the master key. Without it those fields cannot be read. */
export interface SubjectKey {
  readonly userId: string;
  readonly wrappedKey: string;
  readonly createdAt: number;
}

export type SubjectKeyEvent = DomainEvent<"subject_key.created", { subjectKey: SubjectKey }>;

/** One key a person; a second creation answers with the first. */
export const subjectKeyDecider: Decider<SubjectKey | undefined, SubjectKey, SubjectKeyEvent, SubjectKey> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.subjectKey,
  decide: (command, existing) =>
    existing
      ? accept([], existing)
      : accept([{ type: "subject_key.created", data: { subjectKey: command } }], command),
};
