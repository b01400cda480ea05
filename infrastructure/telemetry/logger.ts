import { isatty } from "node:tty";
import { type DestinationStream, type Logger, pino } from "pino";
import { terminalLine } from "./terminal-line.ts";

/** Members that may hold a secret, wherever an error or a request might carry them into a log line. */
const secretMembers = [
  "authorization",
  "cookie",
  "password",
  "client_secret",
  "client_assertion",
  "code_verifier",
  "refresh_token",
  "access_token",
  "token",
  "masterKey",
];

/** Of an error only what people wrote: other members may repeat what was sent, as those of a Redis client do. */
function err(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { type, message, stack, code } = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  return { type, message, stack, code };
}

const standardError = 2;

const terminal: DestinationStream = { write: (json) => void process.stderr.write(terminalLine(json)) };

/** Lines on standard error, so that standard output is the program's own: JSON, or plain ones where a person watches. */
export const createLogger = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: { err },
      redact: {
        paths: ["code", ...secretMembers.flatMap((member) => [member, `*.${member}`, `*.*.${member}`])],
        censor: "[secret]",
      },
    },
    isatty(standardError) ? terminal : pino.destination({ dest: standardError, sync: true }),
  );
