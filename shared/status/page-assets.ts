import { createHash } from "node:crypto";

/**
 * The page's only script: it counts down, shows the reader's local time beside UTC, filters the outcomes, copies ids, refreshes the page every few
 * seconds, and sends an operator's orders. It does not refresh while a form field has the focus, and keeps open details and scroll positions.
 * No order is sent without a reason.
 */
export const clientScript = `
const main = document.querySelector("main");
const said = document.querySelector("[role=status]");
const spell = (ms) => {
  const s = Math.max(0, Math.round(ms / 1000));
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  return d > 0 ? d + " d " + h + " h" : h > 0 ? h + " h " + m + " min" : m > 0 ? m + " min " + (s % 60) + " s" : s + " s";
};
let ahead = Date.parse(main.dataset.at) - Date.now();
const count = () => {
  for (const place of main.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(place.dataset.countdown) - Date.now() - ahead;
    place.textContent = left > 0 ? "in " + spell(left) : "now";
  }
};
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const add = (place, tag, text, kind) => {
  const made = document.createElement(tag);
  made.className = kind;
  made.textContent = text;
  place.after(made);
  return made;
};
const localise = () => {
  const zone = main.querySelector("#zone");
  if (new Date(main.dataset.at).getTimezoneOffset() === 0 || !zone) return;
  const named = Intl.DateTimeFormat().resolvedOptions().timeZone;
  zone.textContent = ", in brackets those of your clock (" + named + ")";
  for (const place of main.querySelectorAll(".zone")) place.textContent = "(" + named + ")";
  for (const place of main.querySelectorAll("[data-local]"))
    place.textContent = "(" + hour.format(new Date(place.dataset.local)) + ")";
  for (const time of main.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) add(time, "span", " (" + clock.format(at) + ")", "soft");
  }
};
const offerCopies = () => {
  for (const code of main.querySelectorAll("code.id")) {
    const button = add(code.closest("a") ?? code, "button", "copy", "copy");
    button.type = "button";
    button.dataset.copy = code.textContent;
    button.setAttribute("aria-label", "Copy " + code.textContent);
  }
};
let wanted = "";
const filter = () => {
  const field = main.querySelector("#filter");
  if (!field) return;
  main.querySelector("#filtering").hidden = false;
  if (field.value !== wanted) field.value = wanted;
  const words = wanted.toLowerCase().split(/\\s+/).filter(Boolean);
  const rows = [...main.querySelectorAll("#outcomes tbody tr")];
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  const shown = rows.filter((row) => !row.hidden).length;
  main.querySelector("#filtered").textContent = words.length === 0 ? "" : shown + " of " + rows.length + " shown";
};
const boxes = () => [...main.querySelectorAll(".scroll")];
const hint = () => {
  for (const box of boxes()) box.nextElementSibling.hidden = box.scrollWidth <= box.clientWidth;
};
const scrollToNow = () => {
  for (const box of main.querySelectorAll("[data-now]"))
    box.scrollLeft = (box.scrollWidth * box.dataset.now) / 100 - box.clientWidth * 0.6;
};
const finish = () => {
  localise();
  offerCopies();
  filter();
  count();
  hint();
};
const refresh = async () => {
  if (document.hidden || main.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const open = [...main.querySelectorAll("details[open]")].map(({ id }) => id);
    const scrolled = new Map(boxes().map((box) => [box.getAttribute("aria-label"), box.scrollLeft]));
    main.replaceChildren(...fresh.childNodes);
    for (const details of main.querySelectorAll("details")) details.open = open.includes(details.id);
    main.dataset.at = fresh.dataset.at;
    ahead = Date.parse(fresh.dataset.at) - Date.now();
    finish();
    for (const box of boxes()) box.scrollLeft = scrolled.get(box.getAttribute("aria-label")) ?? 0;
    if (said.dataset.kind === "stale") said.textContent = "";
  } catch {
    said.dataset.kind = "stale";
    said.textContent = "This page could not be refreshed: what it shows is old.";
  }
};
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  const { action, ...body } = Object.fromEntries(new FormData(form));
  const button = form.querySelector("button");
  button.disabled = true;
  said.dataset.kind = "order";
  try {
    const url = new URL("operations/" + action, location.href);
    url.search = location.search;
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const result = await answer.json().catch(() => ({}));
    said.textContent = answer.ok ? "Done: " + action + ". " + (result.note ?? "") : action + " was refused (" + answer.status + "). " + (result.problems ?? []).join(" ");
  } catch {
    said.textContent = action + " was sent, and no answer came: check whether it was carried out.";
  }
  button.disabled = false;
  form.reset();
  button.blur();
  await refresh();
});
document.addEventListener("input", ({ target }) => {
  if (target.id !== "filter") return;
  wanted = target.value;
  filter();
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-copy]");
  if (!button) return;
  said.dataset.kind = "copy";
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = "Copied " + button.dataset.copy + ".";
  } catch {
    said.textContent = "The browser does not let this page copy.";
  }
  button.blur();
});
addEventListener("resize", hint);
document.addEventListener("toggle", hint, true);
finish();
scrollToNow();
setInterval(count, 1000);
setInterval(refresh, 5000);
`;

/** The hash for the page's Content-Security-Policy, which allows this script and no other. */
export const clientScriptHash = `sha256-${createHash("sha256").update(clientScript).digest("base64")}`;

/** Follows the reader's light or dark setting; one column on a phone. Every pair of colours has a contrast of at least 4.5. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d8dce2; --bar: #0b6bcb; --good: #116329; --bad: #b3261e; --card: #f5f7f9; --shade: #0003; --wait: #8a5200; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --paper: #14171b; --soft: #a5aeb9; --line: #31363d; --bar: #58a6ff; --good: #56d364; --bad: #ff7b72; --card: #1c2127; --shade: #fff3; --wait: #e3a33b; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 100rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .wait { color: var(--wait); font-weight: 600; }
.banner { background: var(--card); border: 1px solid var(--bad); border-left-width: .4rem; border-radius: .4rem; padding: .2rem .8rem; margin: .7rem 0; } .banner h2 { color: var(--bad); margin: .4rem 0; } .banner p { margin: .3rem 0; } .banner.calm { border-color: var(--wait); } .banner.calm h2 { color: var(--wait); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11rem, 45%), 1fr)); gap: .7rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; }
.cards strong { display: block; font-size: 1.25rem; }
.scroll { overflow-x: auto; background: linear-gradient(90deg, var(--paper) 40%, transparent) 0 0 / 2.5rem 100% no-repeat local, linear-gradient(270deg, var(--paper) 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local, linear-gradient(90deg, var(--shade), transparent) 0 0 / 1rem 100% no-repeat scroll, linear-gradient(270deg, var(--shade), transparent) 100% 0 / 1rem 100% no-repeat scroll; }
.hint { margin: .2rem 0; } [hidden] { display: none !important; } .copy { font-size: .75rem; color: var(--bar); background: none; border: 1px solid var(--line); padding: 0 .3rem; margin-left: .3rem; } details { margin: .5rem 0; } summary { cursor: pointer; }
 table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child, time { white-space: nowrap; } td time + .soft { display: block; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } td.n { white-space: nowrap; } th.n { white-space: normal; min-width: 7rem; } td.n time { display: block; }
td code.id { white-space: nowrap; } td:has(code.id) { min-width: 21rem; } code { font-size: .85em; overflow-wrap: anywhere; } a { color: var(--bar); }
svg { width: 100%; max-width: 26rem; height: auto; } svg text { fill: var(--soft); font-size: 12px; } rect { fill: var(--bar); }
svg.day { max-width: none; min-width: 70rem; display: block; } svg.day tspan.local { fill: var(--soft); } svg.day text { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; } svg.day text.who { font-weight: 600; font-size: 12px; } line.hour { stroke: var(--line); } line.now { stroke: var(--bad); stroke-width: 1.5; } svg.day text.now { fill: var(--bad); font-weight: 600; }
rect.cut { fill: var(--good); } rect.waits { fill: var(--wait); } rect.spared { fill: var(--soft); } rect.uncut { fill: var(--bad); } svg.day text.cut, .legend .cut { fill: var(--good); color: var(--good); } svg.day text.waits, .legend .waits { fill: var(--wait); color: var(--wait); font-weight: 700; } svg.day text.uncut, .legend .uncut { fill: var(--bad); color: var(--bad); font-weight: 700; } .legend .spared { color: var(--soft); } .legend .holds { color: var(--bar); } tspan.narrow { display: none; } @media (max-width: 72rem) { tspan.narrow { display: inline; font-weight: 600; } }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .4rem 0; font-size: .85rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: .5rem 0; }
label { display: grid; font-size: .85rem; color: var(--soft); } #filtering label { max-width: 30rem; } input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .3rem; padding: .3rem .5rem; min-width: 16rem; }
button { font: inherit; color: var(--paper); background: var(--bar); border: 0; border-radius: .3rem; padding: .4rem .9rem; cursor: pointer; }
button.bad { background: var(--bad); color: var(--paper); } :focus-visible { outline: 3px solid var(--bar); outline-offset: 2px; }
`;
