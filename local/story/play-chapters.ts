import type { RunningTenant } from "../stack/start-stack.ts";
import type { Chapter, Played } from "./chapter.ts";
import { title } from "./print.ts";

export type PlayedChapter = Played & Pick<Chapter, "name">;

/** Sets every scene first, then plays the chapters one after another. */
export async function playChapters(
  chapters: readonly Chapter[],
  tenant: RunningTenant,
): Promise<readonly PlayedChapter[]> {
  const prepared: { readonly chapter: Chapter; readonly play: () => Promise<Played> }[] = [];
  for (const chapter of chapters) prepared.push({ chapter, play: await chapter.prepare(tenant) });
  const played: PlayedChapter[] = [];
  for (const { chapter, play } of prepared) {
    title(chapter.title);
    played.push({ name: chapter.name, ...(await play()) });
  }
  return played;
}

/** What story.json holds: each chapter's facts and promises under its name. */
export const toStory = (played: readonly PlayedChapter[], responder: boolean): object => ({
  simulation: true,
  responder,
  chapters: Object.fromEntries(played.map(({ name, facts, promises }) => [name, { ...facts, promises }])),
});
