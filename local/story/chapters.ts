import type { Receivers } from "../receivers/start-receivers.ts";
import type { Chapter } from "./chapter.ts";
import { groupScript } from "./group-script.ts";
import { janeScript } from "./jane-script.ts";
import { notifiedChapter } from "./notified-people.ts";
import { omarScript } from "./omar-script.ts";
import { toChapter } from "./run-script.ts";
import { withoutScript } from "./without-script.ts";

/** In the order in which they are played, with the app. */
export const chaptersWith = (receivers: Receivers): readonly Chapter[] => [
  toChapter(janeScript),
  notifiedChapter(receivers),
  toChapter(groupScript),
  toChapter(omarScript),
];

/** Without it. */
export const chaptersWithout: readonly Chapter[] = [toChapter(withoutScript)];
