import type { RunningTenant } from "../stack/start-stack.ts";
import type { Chapter, Told } from "./chapter.ts";
import { title } from "./print.ts";

export type ToldChapter = Told & Pick<Chapter, "name">;

/** Sets every scene first, then tells the chapters one after another. */
export async function tell(chapters: readonly Chapter[], tenant: RunningTenant): Promise<readonly ToldChapter[]> {
  const tellings: { readonly chapter: Chapter; readonly telling: () => Promise<Told> }[] = [];
  for (const chapter of chapters) tellings.push({ chapter, telling: await chapter.prepare(tenant) });
  const told: ToldChapter[] = [];
  for (const { chapter, telling } of tellings) {
    title(chapter.title);
    told.push({ name: chapter.name, ...(await telling()) });
  }
  return told;
}

/** What story.json holds: each chapter's facts and promises under its name. */
export const toStory = (told: readonly ToldChapter[], responder: boolean): object => ({
  simulation: true,
  responder,
  chapters: Object.fromEntries(told.map(({ name, facts, promises }) => [name, { ...facts, promises }])),
});
