import { z } from "zod";
import type { LibraryEvent } from "../../domain/score/library.ts";
import type { StoredScoreEvent } from "../../domain/score/stored-score.ts";
import { type SchemasOf, time } from "./values.ts";

const ticks = z.int().nonnegative();

const note = z.strictObject({ pitch: z.string(), onset: ticks, duration: z.int().positive() });

const score = z.strictObject({
  title: z.string(),
  composer: z.string().optional(),
  parts: z.array(z.strictObject({ name: z.string(), notes: z.array(note) })),
  measures: z.array(z.strictObject({ number: z.string(), onset: ticks, duration: ticks })),
  timeSignatures: z.array(
    z.strictObject({ onset: ticks, beats: z.int().positive(), beatType: z.int().positive() }),
  ),
  keySignatures: z.array(
    z.strictObject({ onset: ticks, fifths: z.int(), mode: z.enum(["major", "minor"]).optional() }),
  ),
  tempos: z.array(z.strictObject({ onset: ticks, bpm: z.number().positive(), text: z.string().optional() })),
});

const origin = z.union([
  z.strictObject({ how: z.literal("imported"), format: z.string() }),
  z.strictObject({ how: z.enum(["transposed", "harmonized", "counterpoint"]), from: z.string() }),
]);

export const scoreSchemas = {
  "score.added": {
    version: 1,
    schema: z.strictObject({
      stored: z.strictObject({ scoreId: z.string(), epoch: z.int(), origin, addedAt: time, score }),
    }),
  },
  "library.reset": {
    version: 1,
    schema: z.strictObject({ library: z.strictObject({ epoch: z.int(), resetAt: time.nullable() }) }),
  },
} as SchemasOf<StoredScoreEvent | LibraryEvent>;
