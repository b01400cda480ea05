import { z } from "zod";

/**
 * Values come from JSON and code as they are, from flags and the environment as strings: both are taken. Each field says in
 * its metadata what it `takes`, in the words that its errors use too.
 */

export const text = () => {
  const takes = "a text that is not empty";
  return z.string(`must be ${takes}`).min(1, `must be ${takes}`).meta({ takes });
};

export const number = (min: number, max: number, integer = true) => {
  const takes = `a ${integer ? "whole " : ""}number from ${min} to ${max}`;
  const wanted = `must be ${takes}`;
  return z
    .union([z.number(), z.string().trim().min(1).transform(Number)], wanted)
    .pipe(z.number(wanted).min(min, wanted).max(max, wanted))
    .refine((value) => !integer || Number.isInteger(value), wanted)
    .meta({ takes });
};

const yes = ["true", "yes", "on", "1"];
const no = ["false", "no", "off", "0"];

export const flag = () =>
  z
    .union(
      [
        z.boolean(),
        z
          .string()
          .trim()
          .toLowerCase()
          .pipe(z.enum([...yes, ...no])),
      ],
      "must be yes or no",
    )
    .transform((value) => (typeof value === "boolean" ? value : yes.includes(value)))
    .meta({ takes: "yes or no" });

/** One of these names, whatever the case of its letters; code writes it as it stands here. */
export const oneOf = <const Names extends readonly [string, ...string[]]>(...names: Names) => {
  const takes = `one of ${names.join(", ")}`;
  const named = (value: unknown): unknown => {
    if (typeof value !== "string") return value;
    const written = value.trim().toLowerCase();
    return names.find((name) => name.toLowerCase() === written) ?? value;
  };
  const schema = z.preprocess(named, z.enum(names, `must be ${takes}`));
  return (schema as z.ZodType<Names[number], Names[number]>).meta({ takes });
};

const entriesOf = (value: string | readonly string[]): string[] =>
  (typeof value === "string" ? value.split(",") : value)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

/** A list, or a string of comma-separated entries. Only `[]` says that there are none: blanks are an entry that is missing. */
export const list = (entries = "texts") => {
  const takes = `a list of ${entries}`;
  return z
    .union([z.array(z.string()), z.string()], `must be ${takes}, or one text with commas between them`)
    .refine(
      (value) => (value.length === 0 ? typeof value !== "string" : entriesOf(value).length > 0),
      "names nothing; leave it out, or write [] in the file or in code, where none is meant",
    )
    .transform(entriesOf)
    .meta({ takes });
};

/** What a setting takes, in words. */
export function takes(schema: z.ZodType): string {
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return String((inner as z.ZodType).meta()?.takes);
}
