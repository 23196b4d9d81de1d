/** So many decisions are asked for at once: a list of thousands must not keep other calls waiting. */
const SLICE = 32;

/** Works on items a few at a time, in their order; undefined if it is over before all are begun. */
export async function inSlices<Item, Result>(
  items: readonly Item[],
  isOver: () => boolean,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[] | undefined> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += SLICE) {
    if (isOver()) return undefined;
    const slice = items.slice(at, at + SLICE);
    results.push(...(await Promise.all(slice.map((item, index) => work(item, at + index)))));
  }
  return results;
}
