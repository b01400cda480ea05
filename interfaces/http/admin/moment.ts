import { z } from "zod";
import { momentForm, momentOf } from "../../audit/moment.ts";

/** A moment with its zone, in epoch milliseconds. */
export const moment = z
  .string()
  .describe(`In ISO 8601: ${momentForm}`)
  .transform((text, context) => {
    const time = momentOf(text);
    if (time === undefined) context.addIssue({ code: "custom", message: "is no time with its zone" });
    return time ?? 0;
  });

/** A moment that has been. */
export const past = moment.refine((time) => time <= Date.now(), "is still to come");
