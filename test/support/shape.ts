const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Where two JSON values have other members, by their paths: what one lacks, or has beside the other. Null may stand for
 * anything; of lists the first elements are compared.
 */
export function shapeDifferences(one: unknown, other: unknown, path = ""): readonly string[] {
  if (one === null || other === null || one === undefined || other === undefined) return [];
  if (Array.isArray(one) && Array.isArray(other)) return shapeDifferences(one[0], other[0], `${path}[]`);
  if (!isObject(one) || !isObject(other)) return typeof one === typeof other ? [] : [path];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) =>
    name in one && name in other
      ? shapeDifferences(one[name], other[name], `${path}.${name}`)
      : [`${path}.${name}`],
  );
}
