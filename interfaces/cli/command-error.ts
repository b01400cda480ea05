/** A failure that the person at the command line can do something about: told by its message, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
