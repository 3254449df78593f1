import type { RunningTenant } from "../stack/start-stack.ts";
import type { HistoryEvent } from "../tenant/history-events.ts";
import type { ClientSession, Holder } from "./client-session.ts";
import type { Line } from "./print.ts";
import type { Promised } from "./promises.ts";

type Control = RunningTenant["control"];
type Clients = readonly ClientSession[];

export interface SignIn {
  readonly holder: Holder;
  readonly name: string;
  readonly cae: boolean;
}

/** What happens next in a chapter. From a sign-in on its clients work, round after round, until the chapter is over. */
export type Step =
  | { readonly do: "say"; readonly line: Line; readonly isTimed?: boolean }
  | { readonly do: "list"; readonly lines: (clients: Clients) => readonly Line[] }
  | { readonly do: "signIn"; readonly who: readonly SignIn[] }
  | { readonly do: "act"; readonly act: (control: Control) => Promise<unknown> }
  /** Real milliseconds. */
  | { readonly do: "pause"; readonly milliseconds: number }
  /** Until the tenant's clock shows this, epoch milliseconds. */
  | { readonly do: "workUntil"; readonly time: (clients: Clients) => number }
  /** Until each has happened, or so many real milliseconds are over: the promises then show what is missing. */
  | {
      readonly do: "await";
      readonly events: readonly ((event: HistoryEvent) => boolean)[];
      readonly within: number;
      readonly missing: string;
      readonly found?: (events: readonly HistoryEvent[]) => readonly Line[];
    };

/** What a block of the chapter's end says. */
export interface Block {
  readonly title: string | null;
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly Line[];
}

/** A chapter as data: one runner plays them all. `Cast` is who is in it, `Facts` what the tenant's history says of it. */
export interface Script<Cast, Facts extends object> {
  /** Its key in story.json. */
  readonly name: string;
  readonly title: string;
  /** The clock runs past midnight: each time is printed with its day. */
  readonly isDated?: boolean;
  cast(tenant: RunningTenant): Promise<Cast>;
  steps(cast: Cast): readonly Step[];
  /** The line that an event of the tenant's history is worth; null for none. Each line is printed once. */
  turn(event: HistoryEvent, cast: Cast, clients: Clients): Line | null;
  /** By the tenant's own history and nothing else. */
  facts(history: readonly HistoryEvent[], cast: Cast, clients: Clients): Facts;
  /** For story.json: differences of times in milliseconds. */
  milliseconds(facts: Facts): object;
  end(facts: Facts): readonly Block[];
  promises(facts: Facts): readonly Promised[];
}
