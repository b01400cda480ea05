import type { Listed, ReadModels } from "../ports/read-models.ts";

const pageSize = 200;

/** All documents with this index value, page by page. What is written meanwhile may or may not be among them. */
export async function* pagesOf(
  readModels: Pick<ReadModels, "list">,
  collection: string,
  index: readonly [name: string, value: string],
): AsyncGenerator<readonly Listed[]> {
  let after: string | undefined;
  for (;;) {
    const page = await readModels.list(collection, {
      index,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id;
  }
}
