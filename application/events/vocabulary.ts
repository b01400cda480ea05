import { z } from "zod";
import { catalog } from "./catalog.ts";

type Schema = z.core.JSONSchema.BaseSchema;

/** The schemas within a schema. */
const within = ({ properties, items, anyOf, oneOf, allOf, prefixItems, additionalProperties }: Schema) =>
  [Object.values(properties ?? {}), items, anyOf, oneOf, allOf, prefixItems, additionalProperties]
    .flat()
    .filter((schema): schema is Schema => typeof schema === "object");

/** A schema and all within it, the outer ones first. */
const all = (schema: Schema): readonly Schema[] => [schema, ...within(schema).flatMap(all)];

const jsonSchemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { unrepresentable: "any", reused: "inline" });

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/**
 * What the state is made of that events carry, and so nearly every document: which members its objects have, in their
 * order, and its words (values of enumerations). An engine that knows them can store documents without spelling them out.
 */
export function vocabulary() {
  const found = Object.values(catalog).flatMap(({ schema }) => within(jsonSchemaOf(schema)).flatMap(all));
  const shapes = found.flatMap(({ properties }) => (properties ? [Object.keys(properties).join()] : []));
  const words = found.flatMap((schema) => [...(schema.enum ?? []), schema.const]);
  return {
    shapes: unique(shapes).map((names) => names.split(",")),
    words: unique(words.filter((word) => typeof word === "string")),
  };
}
