/** Calls made at the same time: enough to be done with thousands within one HTTP request, few enough for storage. */
const atOnce = 16;

/** Does the work for every item, some of them side by side. Rejects with the first failure; items after it may be left undone. */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    await Promise.all(items.slice(from, from + atOnce).map(work));
  }
}
