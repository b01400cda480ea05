import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { accessAt, requireHolder } from "../../../application/audit/access.ts";
import { createArchivedEvents } from "../../../application/audit/archived.ts";
import { explainToken } from "../../../application/audit/explain.ts";
import { dayLength } from "../../../application/audit/index/counts.ts";
import { anomalyKinds } from "../../../application/audit/index/detectors/detector.ts";
import { dayText, statsOf } from "../../../application/audit/stats.ts";
import { namedEvent, type Subject, termsOfSubject, timelineOf } from "../../../application/audit/timeline.ts";
import { NotFound } from "../../../application/audit/token.ts";
import { accessAtFacts, differenceFacts, entryFacts, explanationFacts, iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { forAdministrators } from "./administrators.ts";
import { moment, past } from "./moment.ts";

/** Events of one timeline at most. */
const maxEntries = 1_000;

const subjects = [
  "token",
  "hash",
  "grant",
  "user",
  "client",
  "session",
  "key",
  "address",
  "request",
  "event",
] as const;

const named = z.strictObject({
  ...(Object.fromEntries(subjects.map((name) => [name, z.string().optional()])) as Record<
    (typeof subjects)[number],
    z.ZodOptional<z.ZodString>
  >),
  since: past.optional(),
  until: moment.optional(),
  limit: z.int().min(1).max(maxEntries).default(200),
  related: z.boolean().default(true),
});

export const timelineRequest = named.refine(
  (request) => subjects.filter((name) => request[name] !== undefined).length === 1,
  { path: ["The request"], message: "must name one subject" },
);

function subjectOf(request: z.infer<typeof timelineRequest>): Subject {
  const [by = "event"] = subjects.filter((name) => request[name] !== undefined);
  const value = request[by] ?? "";
  if (by === "token") return { by, token: value };
  if (by === "hash") return { by, hash: value };
  if (by === "address") return { by, address: value };
  return { by, id: value };
}

export const explainRequest = z.strictObject({ token: z.string(), at: past.optional() });

export const accessRequest = z
  .strictObject({
    user: z.string().optional(),
    client: z.string().optional(),
    at: past.optional(),
    from: past.optional(),
  })
  .refine(({ user, client }) => (user === undefined) !== (client === undefined), {
    path: ["The request"],
    message: "must name a user or a client",
  });

export const anomaliesRequest = z.strictObject({
  since: past.default(0),
  until: moment.default(Number.MAX_SAFE_INTEGER),
  kind: z.enum(anomalyKinds).optional(),
  limit: z.int().min(1).max(maxEntries).default(100),
});

export const statsRequest = z.strictObject({
  since: past.optional(),
  until: moment.optional(),
  by: z.enum(["day", "client", "block"]).default("day"),
});

const dayOf = (time: number): number => Math.floor(time / dayLength);

/** Days that are counted where nothing else is asked for. */
const usualDays = 30;

/**
 * /admin/audit: what the audit commands tell, by a token with the scope `admin` for the issuer. Questions are asked by POST, so
 * that no token, name or address stands in a URL.
 */
export const adminAuditRoutes =
  ({ context, audit: { index: current, archive, store } }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);

    async function ready() {
      const indexed = await current.ready();
      return { ...context, ...indexed, archived: createArchivedEvents({ ...indexed, archive }) };
    }

    app.post("/admin/audit/timeline", async (request) => {
      const asked = timelineRequest.parse(request.body);
      const audit = await ready();
      const { since, until, limit, related } = asked;
      const subject = await namedEvent(store, subjectOf(asked));
      const { entries, hasEarlier } = await timelineOf(audit, termsOfSubject(audit, subject), {
        from: since === undefined ? undefined : audit.index.positionAt(since - 1) + 1n,
        to: until === undefined ? undefined : audit.index.positionAt(until),
        limit,
        isFollowingCauses: related,
      });
      if (entries.length === 0)
        throw new NotFound("The log holds nothing about this; a user is named by id.");
      return { events: entries.map((entry) => entryFacts(store, entry)), has_earlier: hasEarlier };
    });

    app.post("/admin/audit/explain", async (request) => {
      const { token, at } = explainRequest.parse(request.body);
      return explanationFacts(await explainToken(await ready(), token.trim(), at ?? context.clock.now()));
    });

    app.post("/admin/audit/anomalies", async (request) => {
      const { index } = await ready();
      const { limit, ...range } = anomaliesRequest.parse(request.body);
      const found = index.anomalies({ ...range, limit: limit + 1 });
      const anomalies = found.slice(-limit).map((anomaly) => ({ ...anomaly, time: iso(anomaly.time) }));
      return { anomalies, has_earlier: found.length > limit };
    });

    app.post("/admin/audit/stats", async (request) => {
      const { since, until, by } = statsRequest.parse(request.body);
      const last = dayOf(until ?? context.clock.now());
      const first = since === undefined ? last - usualDays + 1 : dayOf(since);
      const rows = statsOf(await ready(), by, { since: first, until: last });
      return { since: dayText(first), until: dayText(last), by, rows };
    });

    app.post("/admin/audit/access", async (request) => {
      const { user, client, at, from } = accessRequest.parse(request.body);
      const holder = user ?? client ?? "";
      const audit = await ready();
      requireHolder(audit, holder);
      const last = at ?? context.clock.now();
      if (from === undefined) return accessAtFacts(holder, await accessAt(audit, holder, last));
      const [before, after] = [Math.min(from, last), Math.max(from, last)];
      return differenceFacts(
        holder,
        await accessAt(audit, holder, before),
        await accessAt(audit, holder, after),
      );
    });
  };
