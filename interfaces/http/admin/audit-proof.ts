import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { makeCheckpoint, newestCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { CannotProve, holdsSecrets, proveEvent } from "../../../application/audit/proof/prove.ts";
import { findEvent, parseEventName } from "../../../application/audit/proof/prove-find.ts";
import { verifyLog } from "../../../application/audit/verify/verify.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { formatProof } from "../../../domain/audit/proof.ts";
import { openVerifyScratch } from "../../../infrastructure/audit/verify-scratch.ts";
import { reportFacts } from "../../audit/facts.ts";
import type { Proof } from "../../proof.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import { forAdministrators } from "./administrators.ts";

const inCommandOnly =
  "A proof of this event would hold hashes of secrets or keys: dacapo audit prove makes it";

/** How long a request may be worked at, in milliseconds: less than a connection may be silent. */
const patience = 8_000;

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === "TimeoutError";

export const verifyRequest = z.strictObject({ archives_elsewhere: z.boolean().default(false) });

export const proofRequest = z.strictObject({ event: z.string() });

/**
 * /admin/audit: the proof, for administrators. Checkpoints and proofs are text, as the files of the command line are. What
 * takes longer than a request may is 503, and for the command line.
 */
export const adminProofRoutes =
  ({ context, audit, logger }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { store } = audit;
    /** One verification at a time: each reads the whole log. */
    let isVerifying = false;

    async function withProof<T>(work: (proof: Proof) => Promise<T>): Promise<T> {
      const proof = audit.openProof();
      if (!proof) throw new NotThere("A log in memory has no proof");
      try {
        return await work(proof);
      } catch (error) {
        if (isTimeout(error))
          throw new Unavailable("it takes longer than a request may: use the command line");
        if (error instanceof CannotProve)
          throw new NotThere(`${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}`);
        throw error;
      } finally {
        await proof.leaves.close();
      }
    }

    app.get("/admin/audit/checkpoint", (_request, reply) =>
      withProof(async ({ checkpoints, keys }) => {
        const newest = await newestCheckpoint(checkpoints, keys, store.logId);
        if (!newest) throw new NotThere("No checkpoint was signed yet");
        return reply.type("text/plain; charset=utf-8").send(newest.note);
      }),
    );

    app.post("/admin/audit/checkpoint", (_request, reply) =>
      withProof(async (proof) => {
        const signal = AbortSignal.timeout(patience);
        const warn = (message: string) => logger.warn(message);
        const made = await makeCheckpoint({ ...proof, store, clock: context.clock, warn }, signal);
        signal.throwIfAborted();
        if (!made) throw new NotThere("The log is empty");
        return reply.type("text/plain; charset=utf-8").send(made.note);
      }),
    );

    app.post("/admin/audit/prove", (request, reply) =>
      withProof(async (proof) => {
        const name = parseEventName(proofRequest.parse(request.body).event);
        const found = await findEvent(store, name, AbortSignal.timeout(patience), () => undefined);
        if (!found || holdsSecrets(found))
          throw new NotThere(found ? inCommandOnly : "The log holds no such event");
        return reply
          .type("text/plain; charset=utf-8")
          .send(formatProof(await proveEvent({ ...proof, store }, found)));
      }),
    );

    app.post("/admin/audit/verify", (request) =>
      withProof(async (proof) => {
        const { archives_elsewhere: hasArchivesElsewhere } = verifyRequest.parse(request.body ?? {});
        if (isVerifying) throw new Unavailable("another verification is under way");
        const scratch = openVerifyScratch();
        isVerifying = true;
        try {
          const report = await verifyLog(
            { ...proof, store, archive: audit.archive, scratch },
            {
              ...{ isIncremental: true, trusted: undefined, hasArchivesElsewhere },
              signal: AbortSignal.timeout(patience),
              progress: () => undefined,
            },
          );
          return reportFacts(report);
        } finally {
          isVerifying = false;
          scratch.close();
        }
      }),
    );
  };
