/**
 * Does the work for every item, `atOnce` at a time: by default enough to finish thousands within one HTTP request, few enough for storage. Rejects with
 * the first failure, and then begins with no further item.
 */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>, atOnce = 16): Promise<void> {
  // A failure leaves one worker's loop, which ends the generator for all of them.
  const left = (function* () {
    yield* items;
  })();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
