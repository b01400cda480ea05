import { z } from "zod";

/** Values come from JSON and code as they are, from flags and the environment as strings: both are taken. */

export const text = () => z.string().min(1);

export const number = (min: number, max: number, integer = true) => {
  const wanted = `must be a ${integer ? "whole " : ""}number from ${min} to ${max}`;
  const base = z
    .union([z.number(), z.string().trim().min(1).transform(Number)], wanted)
    .pipe(z.number(wanted).min(min, wanted).max(max, wanted));
  return integer ? base.refine(Number.isInteger, wanted) : base;
};

const yes = ["true", "yes", "on", "1"];
const no = ["false", "no", "off", "0"];

export const flag = () =>
  z
    .union([z.boolean(), z.enum([...yes, ...no])], "must be yes or no")
    .transform((value) => (typeof value === "boolean" ? value : yes.includes(value)));

/** A list, or a string of comma-separated entries. */
export const list = () =>
  z
    .union([z.array(z.string()), z.string()])
    .transform((value) =>
      (typeof value === "string" ? value.split(",") : value)
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ""),
    );
