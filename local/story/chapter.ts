import type { RunningTenant } from "../stack/start-stack.ts";
import type { Promised } from "./promises.ts";

/** What a chapter leaves for the end of the story and for story.json. */
export interface Played {
  /** By the tenant's own history and nothing else; times are the tenant's, ISO. */
  readonly facts: object;
  readonly promises: readonly Promised[];
}

/** A part of the story. */
export interface Chapter {
  /** Its key in story.json. */
  readonly name: string;
  readonly title: string;
  /**
   * Sets its scene, in silence, before anything is printed: what ends late in the story must begin early in it, so that the whole stays
   * within a minute. Resolves to what plays it, which begins when the chapter before it is over and which prints.
   */
  prepare(tenant: RunningTenant): Promise<() => Promise<Played>>;
}
