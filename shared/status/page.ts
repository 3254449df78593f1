import { escapeHtml } from "../notify/wording.ts";
import { type Condition, needsPerson } from "../operators/conditions.ts";
import { dayChart } from "./day-chart.ts";
import { clientScript, clientScriptHash, style } from "./page-assets.ts";
import {
  deadLetterTable,
  histogram,
  pendingTable,
  person,
  recentTable,
  sourceTables,
  spellLatency,
  timeOf,
  upcomingTable,
  whatToDo,
} from "./sections.ts";
import type { Status } from "./status.ts";

/** The whole page. It loads nothing from elsewhere: it contains its style and script, and its policy allows no others. */
function renderPage(status: Status): string {
  const { at, health, latency, unreadable } = status;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pim-cutoff: ${health.state}</title>
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
${card("Health", health.state === "healthy" ? "good" : health.healthy ? "wait" : "bad", health.state)}
${card("Mode", "", health.stopped ? `${health.mode}, stopped` : health.mode)}
${card("Waiting for an outcome", "", waitingEnds(status))}
${card("Half of the announced ends cut in", "", latency === null ? "none yet" : spellLatency(latency.p50))}
</ul>
<p class="soft">As of ${timeOf(at)}. Times are UTC<span id="zone"></span>. pim-cutoff ${escapeHtml(status.version)}, ${buildText(status)}. Signed in: ${person(status.operator.objectId, status)} (${escapeHtml(status.operator.roles.join(", "))}).</p>
${leftOut(status)}${banners(status)}
<h2>A day at a glance</h2>
${dayChart(status)}
<h2>Signal sources</h2>
${sourceTables(status)}
<h2>Ending next</h2>
${upcomingTable(status)}
<h2>Waiting</h2>
${pendingTable(status)}
${deadLetterTable(status)}
${operatorForms(status)}
<h2>From announced end to accepted revoke</h2>
${latency === null ? '<p class="soft">No revoke of an announced end is stored.</p>' : latencyText(latency)}
<h2>Outcomes</h2>
${recentTable(status)}
${unreadable === 0 ? "" : `<p class="bad">${unreadable} principals have rows that this version cannot read: they are in none of these lists.</p>`}
</main>
<script>${clientScript}</script>
</body>
</html>
`;
}

/** The start of the commit, to compare with the release that was to be deployed. Health has the whole commit. */
function buildText({ health: { build } }: Status): string {
  if (build.commit === null) return "built from an unknown commit";
  return `built from commit <code>${escapeHtml(build.commit.replace(/^([0-9a-f]{12})[0-9a-f]+/, "$1"))}</code>`;
}

/** The number of ends without an outcome among the people that this page read. */
const waitingEnds = ({ pending, notRead }: Status): string =>
  notRead.waiting > 0 || notRead.isAtLeast ? `at least ${pending.total}` : String(pending.total);

/** A note about people who are not shown. It is usually empty: only a tenant beyond `readAtMost` is not read completely. */
function leftOut({ notRead: { people, waiting, isAtLeast } }: Status): string {
  if (people === 0 && !isAtLeast) return "";
  const least = isAtLeast ? "at least " : "";
  const open =
    waiting > 0 ? `${least}${waiting} of them with an end that waits` : "none of them with an end that waits";
  return `<p class="wait">Not everything is shown: ${least}${people} more people are stored${isAtLeast && waiting === 0 ? "" : `, ${open}`}. The page reads people with a waiting end first, then those whose next or last change is nearest. Its lists and figures cover only the people that it read.</p>\n`;
}

const card = (name: string, kind: string, value: string): string =>
  `<li><span class="soft">${escapeHtml(name)}</span><strong class="${kind}">${escapeHtml(value)}</strong></li>`;

const latencyText = (latency: NonNullable<Status["latency"]>): string =>
  `<p>${latency.count} revokes of announced ends: half in ${spellLatency(latency.p50)}, 95 of 100 in ${spellLatency(latency.p95)}, 99 of 100 in ${spellLatency(latency.p99)}, the slowest in ${spellLatency(latency.most)}. <span class="soft">Graph's times are whole seconds: each revoke took up to one second less than shown. The time of an end that was not announced is not known: those are not counted.</span></p>
${histogram(latency)}`;

interface StatusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const common = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Vary: "Accept" };
const policy =
  `default-src 'none'; script-src '${clientScriptHash}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page for a browser, or the same as JSON when the request accepts `application/json`. */
export function respondStatus(status: Status, accept: string | null): StatusAnswer {
  if (accept !== null && /\bapplication\/json\b/.test(accept)) {
    return { status: 200, headers: { ...common, "Content-Type": "application/json" }, body: JSON.stringify(status) };
  }
  const headers = { ...common, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
  return { status: 200, headers: { ...headers, "Referrer-Policy": "no-referrer" }, body: renderPage(status) };
}

/** Forms for the orders that are possible now. Each needs a reason, which is stored with operator and time. An order that cuts many users asks for confirmation. */
function operatorForms(status: Status): string {
  const { health, waitingPeople, operator, notRead } = status;
  if (!operator.roles.includes("Cutoff.Operate")) {
    return '<h3>Orders</h3>\n<p class="soft">You may read this page. Orders need the app role Cutoff.Operate.</p>';
  }
  const people = waitingPeople === 1 ? "1 person" : `${notRead.isAtLeast ? "at least " : ""}${waitingPeople} people`;
  const releasing = `Release what waits for an operator, of ${people}`;
  const forms = [
    ...(health.stopped ? resumeForms(waitingEnds(status)) : [form("stop", "Stop all revokes", "bad")]),
    ...(waitingPeople > 0
      ? [
          form(
            "release",
            releasing,
            "",
            "",
            `${releasing}? Whoever lost a privilege for good is signed out everywhere.`,
          ),
        ]
      : []),
    ...(health.deadLetters > 0 ? [form("redrive", `Send ${health.deadLetters} parked messages again`, "")] : []),
  ];
  return `<h3>Orders</h3>\n${forms.join("\n")}`;
}

/** Forms to resume. The page shows the pending ends above, and the operator decides whether those of more than an hour ago are cut, too. */
function resumeForms(pending: string): readonly string[] {
  if (pending === "0") return [form("resume", "Resume", "")];
  const all = "Resume, and cut all that is pending";
  return [
    form("resume", "Resume, and cut what ended within the last hour", "", choice("false")),
    form("resume", all, "bad", choice("true"), `${all}: ${pending} ends?`),
  ];
}

const choice = (value: "true" | "false"): string => `<input type="hidden" name="carryOutPending" value="${value}">`;

function form(action: string, label: string, kind: string, more = "", question = ""): string {
  const ask = question === "" ? "" : ` data-ask="${escapeHtml(question)}"`;
  return `<form${ask}><input type="hidden" name="action" value="${action}">${more}<label>Reason for "${escapeHtml(label)}"<input name="reason" required maxlength="200" autocomplete="off"></label><button class="${kind}">${escapeHtml(label)}</button></form>`;
}

const headings: Readonly<Record<Condition["kind"], string>> = {
  outage: "Outage",
  stopped: "Stopped",
  held: "Held",
  weaker: "Weaker enforcement",
};

/** First the conditions under which the app cuts less than it should, each with its time, operator and reason. Then all other problems. */
function banners(status: Status): string {
  const { conditions, problems } = status.health;
  const reply = new Set(conditions.map(({ why }) => why));
  const others = problems.filter((problem) => !reply.has(problem));
  return [
    ...conditions.map((condition) => banner(condition, status)),
    ...(others.length === 0
      ? []
      : [`<ul>${others.map((problem) => `<li class="bad">${escapeHtml(problem)}</li>`).join("")}</ul>`]),
  ].join("\n");
}

function banner(condition: Condition, status: Status): string {
  const { kind, since, by, why } = condition;
  const { stopReason } = status;
  const when = since === null ? "" : ` since ${timeOf(since)}`;
  const who = by === null ? "" : ` by ${person(by, status)}`;
  const reason = by === null || stopReason === null ? "" : `<q>${escapeHtml(stopReason)}</q> `;
  return `<section class="${needsPerson(condition) ? "banner" : "banner calm"}" aria-label="${headings[kind]}"><h2>${headings[kind]}${when}${who}</h2><p>${reason}${escapeHtml(why)}</p>${whatToDo(kind, status)}</section>`;
}
