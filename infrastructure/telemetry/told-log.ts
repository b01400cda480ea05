import type { Logger } from "pino";
import { sentenceOf } from "../../application/events/words/index.ts";
import type { Log } from "../../application/log.ts";

/**
 * The log, with one line at the level debug for each event that is appended: every decision that records something
 * passes here, of requests, jobs and commands alike. At any other level it is the log as it was.
 */
export function toldLog(log: Log, logger: Logger): Log {
  if (!logger.isLevelEnabled("debug")) return log;
  return {
    ...log,
    async append(stream, events, expectedRevision, metadata) {
      const appended = await log.append(stream, events, expectedRevision, metadata);
      const { correlationId: requestId, actor, traceparent } = metadata;
      const members = { requestId, actor, ...(traceparent === undefined ? {} : { traceparent }), stream };
      // One append, one transaction: the position is that of the last.
      const position = String(appended.position);
      for (const event of events) logger.debug({ ...members, type: event.type, position }, sentenceOf(event));
      return appended;
    },
  };
}
