import { Readable } from "node:stream";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { BadCursor, positionOf } from "../../../application/audit/export/cursor.ts";
import { exportRecords } from "../../../application/audit/export/export.ts";
import { exportFormats, writerOf } from "../../../application/audit/export/formats.ts";
import { recordReveal } from "../../../application/audit/export/reveal.ts";
import { NotFound } from "../../../application/audit/token.ts";
import { isRevealReason } from "../../../domain/audit-reveal.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { moment, past } from "./moment.ts";

/** Records of one answer. */
const [usualRecords, maxRecords] = [1_000, 100_000];

export const exportRequest = z.strictObject({
  format: z.enum(exportFormats),
  since: past.optional(),
  until: moment.optional(),
  after: z.string().optional(),
  types: z.array(z.string().min(1)).default([]),
  limit: z.int().min(1).max(maxRecords).default(usualRecords),
  /** Why personal fields are to be shown; left out where they are not. */
  reveal: z.string().refine(isRevealReason).optional(),
});

const contentTypes = {
  ndjson: "application/x-ndjson",
  ocsf: "application/x-ndjson",
  csv: "text/csv; header=present",
};

/**
 * /admin/audit/export: records of the log after a cursor, as lines, for administrators. The cursor to go on from is in each record; an
 * answer without records says that there is nothing new.
 */
export const adminExportRoute =
  ({ context, audit, version }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { store } = audit;

    async function positionAfter(cursor: string | undefined): Promise<bigint> {
      try {
        return cursor === undefined ? 0n : await positionOf(store, cursor);
      } catch (error) {
        throw error instanceof BadCursor ? new NotFound(error.message) : error;
      }
    }

    app.post("/admin/audit/export", async (request, reply) => {
      const { format, since, until, after, types, limit, reveal } = exportRequest.parse(request.body);
      const position = await positionAfter(after);
      if (reveal !== undefined) {
        const asked = { since: since ?? null, until: until ?? null, after: after ?? null, types };
        await recordReveal(context, { format, reason: reveal, ...asked }, metadataOfAdministrator(request));
      }
      const reveals = reveal === undefined ? undefined : { ...context, erasureList: audit.erasureList };
      const writer = writerOf(format, {
        issuer: context.policy.issuer,
        version,
        reveals: reveals !== undefined,
      });
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());

      async function* lines(): AsyncGenerator<string> {
        yield writer.header;
        const asked = { after: position, since, until, limit, types, follows: false, reveals };
        for await (const { records } of exportRecords({ store, clock: context.clock }, asked, gone.signal))
          yield records.map(writer.line).join("");
      }
      return reply.type(contentTypes[format]).send(Readable.from(lines()));
    });
  };
