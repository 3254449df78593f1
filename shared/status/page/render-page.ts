import { escapeHtml } from "../../html/escape-html.ts";
import type { Status } from "../status.ts";
import { banners } from "./banners.ts";
import { clientScript } from "./client-script.ts";
import { dayChart } from "./day-chart.ts";
import { histogram } from "./histogram.ts";
import { operatorForms } from "./operator-forms.ts";
import { person } from "./person.ts";
import { deadLetterTable, pendingTable, recentTable, sourceTables, upcomingTable } from "./sections.ts";
import { spellLatency } from "./spell.ts";
import { style } from "./style.ts";
import { timeOf } from "./time.ts";

/** The whole page. It loads nothing: style and script stand in it, and its policy allows no other. */
export function renderPage(status: Status): string {
  const { at, health, latency, pending, unreadable } = status;
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
${card("Health", health.healthy ? "good" : "bad", health.state)}
${card("Mode", "", health.stopped ? `${health.mode}, stopped` : health.mode)}
${card("Waiting for an outcome", "", String(pending.total))}
${card("Half of the announced ends cut within", "", latency === null ? "none yet" : spellLatency(latency.p50))}
</ul>
<p class="soft">As of ${timeOf(at)}. Times are UTC<span id="zone"></span>. pim-cutoff ${escapeHtml(status.version)}. Signed in: ${person(status.operator.objectId, status)} (${escapeHtml(status.operator.roles.join(", "))}).</p>
${banners(status)}
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

const card = (name: string, kind: string, value: string): string =>
  `<li><span class="soft">${escapeHtml(name)}</span><strong class="${kind}">${escapeHtml(value)}</strong></li>`;

const latencyText = (latency: NonNullable<Status["latency"]>): string =>
  `<p>${latency.count} revokes of announced ends: half within ${spellLatency(latency.p50)}, 95 of 100 within ${spellLatency(latency.p95)}, 99 of 100 within ${spellLatency(latency.p99)}, the slowest ${spellLatency(latency.most)}. <span class="soft">Graph tells whole seconds, so each may have taken up to one more. When other ends came is not known: they are not counted here.</span></p>
${histogram(latency)}`;
