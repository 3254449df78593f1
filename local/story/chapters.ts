import type { Chapter } from "./chapter.ts";
import { groupChapter } from "./group-chapter.ts";
import { janeChapter } from "./jane-chapter.ts";
import { omarChapter } from "./omar-chapter.ts";

/** In the order in which they are told. */
export const chapters: readonly Chapter[] = [janeChapter, groupChapter, omarChapter];
