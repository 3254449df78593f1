import type { Receivers } from "../receivers/start-receivers.ts";
import type { Stack } from "../stack/start-stack.ts";
import type { Promised } from "./promises.ts";

/** What a chapter leaves for the end of the story and for story.json. */
export interface Told {
  /** By the tenant's own history and nothing else; times are the tenant's, ISO. */
  readonly facts: object;
  readonly promises: readonly Promised[];
}

/** What the responder plays with, and who is told of it. */
export interface StoryStack extends Stack {
  readonly receivers: Receivers;
}

/** A part of the story that the responder plays in. */
export interface Chapter {
  /** Its key in story.json. */
  readonly name: string;
  readonly title: string;
  /**
   * Sets its scene, in silence, before anything is told: what ends late in the story must begin early in it, so that the whole stays
   * within a minute. Resolves to the telling, which begins when the chapter before it is over and which prints.
   */
  prepare(stack: StoryStack): Promise<() => Promise<Told>>;
}
