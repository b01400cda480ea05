/** @throws {TypeError} where a part of an event is no JSON value */
export function toJson(type: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError(`an event ${type} holds what JSON cannot: ${String(cause)}`, { cause });
  }
  if (json === undefined) throw new TypeError(`an event ${type} holds what JSON cannot: ${typeof value}`);
  return json;
}
