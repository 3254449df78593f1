import { createHash } from "node:crypto";
import { heldForReview } from "../model/pending-revocation.ts";
import {
  deadLetterTable,
  escapeHtml,
  histogram,
  pendingTable,
  problemList,
  recentTable,
  sourceTable,
  spellSpan,
  spellTime,
  upcomingTable,
} from "./sections.ts";
import type { Status } from "./status.ts";

/** The whole page. It loads nothing: style and script stand in it, and its policy allows no other. */
function renderPage(status: Status): string {
  const { at, health, latency, upcoming, pending, recent, unreadable } = status;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pim-cutoff: ${health.healthy ? "healthy" : "needs attention"}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>pim-cutoff</h1>
<p role="status" class="soft"></p>
</header>
<main data-at="${at}">
<ul class="cards">
${card("Health", health.healthy ? "good" : "bad", health.healthy ? "healthy" : "needs attention")}
${card("Mode", "", health.stopped ? `${health.mode}, stopped` : health.mode)}
${card("Waiting for an outcome", "", String(pending.total))}
${card("Half of the revokes within", "", latency === null ? "none yet" : spellSpan(latency.p50))}
</ul>
<p class="soft">As of ${spellTime(at)}. All times are UTC; people are object ids.</p>
${problemList(health.problems)}
<h2>Signal sources</h2>
${sourceTable(health)}
<h2>Ending next</h2>
${upcomingTable(upcoming)}
<h2>Waiting</h2>
${pendingTable(pending)}
${deadLetterTable(health)}
${operatorForms(status)}
<h2>From end to accepted revoke</h2>
${latency === null ? '<p class="soft">No revoke is stored.</p>' : latencyText(latency)}
<h2>Outcomes</h2>
${recentTable(recent)}
${unreadable === 0 ? "" : `<p class="bad">${unreadable} principals have rows that this version cannot read: they are in none of these lists.</p>`}
</main>
<script>${clientScript}</script>
</body>
</html>
`;
}

const card = (name: string, kind: string, value: string): string =>
  `<li><span class="soft">${escapeHtml(name)}</span><strong class="${kind}">${escapeHtml(value)}</strong></li>`;

const latencyText = (latency: NonNullable<Status["latency"]>): string =>
  `<p>${latency.count} revokes: half within ${spellSpan(latency.p50)}, 95 of 100 within ${spellSpan(latency.p95)}, 99 of 100 within ${spellSpan(latency.p99)}, the slowest ${spellSpan(latency.most)}. <span class="soft">Graph's times are whole seconds.</span></p>
${histogram(latency)}`;

interface StatusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const common = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Vary: "Accept" };

/**
 * The page's only script: counts down, takes in a fresh copy of the page every few seconds, and sends an operator's orders. A copy is not taken in
 * while somebody is in a form, and what is read stays where it is. No order is sent without a reason.
 */
const clientScript = `
const main = document.querySelector("main");
const said = document.querySelector("[role=status]");
const spell = (ms) => {
  const s = Math.max(0, Math.round(ms / 1000));
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  return d > 0 ? d + " d " + h + " h" : h > 0 ? h + " h " + m + " min" : m > 0 ? m + " min " + (s % 60) + " s" : s + " s";
};
let ahead = Date.parse(main.dataset.at) - Date.now();
const count = () => {
  for (const time of main.querySelectorAll("time[data-countdown]")) {
    const left = Date.parse(time.dateTime) - Date.now() - ahead;
    time.textContent = left > 0 ? "in " + spell(left) : "now";
  }
};
const refresh = async () => {
  if (document.hidden || main.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    main.replaceChildren(...fresh.childNodes);
    main.dataset.at = fresh.dataset.at;
    ahead = Date.parse(fresh.dataset.at) - Date.now();
    if (said.dataset.kind === "stale") said.textContent = "";
  } catch {
    said.dataset.kind = "stale";
    said.textContent = "This page could not be refreshed: what it shows is old.";
  }
};
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { action, ...body } = Object.fromEntries(new FormData(form));
  const button = form.querySelector("button");
  button.disabled = true;
  said.dataset.kind = "order";
  try {
    const url = new URL("operations/" + action, location.href);
    url.search = location.search;
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const reply = await answer.json().catch(() => ({}));
    said.textContent = answer.ok ? "Done: " + action + ". " + (reply.note ?? "") : action + " was refused (" + answer.status + "). " + (reply.problems ?? []).join(" ");
  } catch {
    said.textContent = action + " was sent, and no answer came: look whether it was carried out.";
  }
  button.disabled = false;
  form.reset();
  button.blur();
  await refresh();
});
setInterval(count, 1000);
setInterval(refresh, 5000);
`;

/** For the page's Content-Security-Policy: this script and no other. */
const clientScriptHash = `sha256-${createHash("sha256").update(clientScript).digest("base64")}`;

const policy =
  `default-src 'none'; script-src '${clientScriptHash}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page for a browser, the same as JSON for whoever asks for `application/json`. */
export function respondStatus(status: Status, accept: string | null): StatusAnswer {
  if (accept !== null && /\bapplication\/json\b/.test(accept)) {
    return { status: 200, headers: { ...common, "Content-Type": "application/json" }, body: JSON.stringify(status) };
  }
  const headers = { ...common, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
  return { status: 200, headers: { ...headers, "Referrer-Policy": "no-referrer" }, body: renderPage(status) };
}

/** The orders that make sense now. Each asks for a reason, which is kept with who gave it and when. */
function operatorForms({ health, pending }: Status): string {
  const forms = [
    ...(health.stopped ? resumeForms(pending.total) : [form("stop", "Stop all revokes", "bad")]),
    ...(pending.shown.some(({ isHeldByThreshold, heldBy }) => isHeldByThreshold || heldBy === heldForReview)
      ? [form("release", "Release everything that waits for an operator", "")]
      : []),
    ...(health.deadLetters > 0 ? [form("redrive", `Send ${health.deadLetters} parked messages again`, "")] : []),
  ];
  return `<h3>Orders</h3>\n${forms.join("\n")}`;
}

/** What is pending is shown above: whoever resumes says what becomes of it. */
const resumeForms = (pending: number): readonly string[] =>
  pending === 0
    ? [form("resume", "Resume", "")]
    : [
        form("resume", "Resume, and cut what ended within the last hour", "", choice("false")),
        form("resume", "Resume, and cut all that is pending", "bad", choice("true")),
      ];

const choice = (value: "true" | "false"): string => `<input type="hidden" name="carryOutPending" value="${value}">`;

const form = (action: string, label: string, kind: string, more = ""): string =>
  `<form><input type="hidden" name="action" value="${action}">${more}<label>Reason for "${label}"<input name="reason" required maxlength="200" autocomplete="off"></label><button class="${kind}">${label}</button></form>`;

/** Follows the reader's light or dark setting; one column on a phone. Every pair of colours has a contrast of at least 4.5. */
const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d8dce2; --bar: #0b6bcb; --good: #116329; --bad: #b3261e; --card: #f5f7f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --paper: #14171b; --soft: #a5aeb9; --line: #31363d; --bar: #58a6ff; --good: #56d364; --bad: #ff7b72; --card: #1c2127; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 84rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .7rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; }
.cards strong { display: block; font-size: 1.25rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child, td:nth-child(2) { white-space: nowrap; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td code { display: inline-block; min-width: 10rem; } code { font-size: .85em; overflow-wrap: anywhere; } a { color: var(--bar); }
svg { width: 100%; max-width: 34rem; height: auto; } svg text { fill: var(--soft); font-size: 12px; } rect { fill: var(--bar); }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: .5rem 0; }
label { display: grid; font-size: .85rem; color: var(--soft); } input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .3rem; padding: .3rem .5rem; min-width: 16rem; }
button { font: inherit; color: var(--paper); background: var(--bar); border: 0; border-radius: .3rem; padding: .4rem .9rem; cursor: pointer; }
button.bad { background: var(--bad); color: var(--paper); } :focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
`;
