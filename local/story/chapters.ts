import type { Receivers } from "../receivers/start-receivers.ts";
import type { Chapter } from "./chapter.ts";
import { groupScript } from "./group-script.ts";
import { janeScript } from "./jane-script.ts";
import { omarScript } from "./omar-script.ts";
import { toChapter } from "./run-script.ts";
import { toldChapter } from "./told-people.ts";
import { withoutScript } from "./without-script.ts";

/** In the order in which they are told, with the app. */
export const chaptersWith = (receivers: Receivers): readonly Chapter[] => [
  toChapter(janeScript),
  toldChapter(receivers),
  toChapter(groupScript),
  toChapter(omarScript),
];

/** Without it. */
export const chaptersWithout: readonly Chapter[] = [toChapter(withoutScript)];
