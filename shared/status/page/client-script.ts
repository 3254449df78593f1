import { createHash } from "node:crypto";

/**
 * The page's only script: counts down, sets the reader's own time beside UTC, filters the outcomes, copies ids, takes in a fresh copy of the page
 * every few seconds, and sends an operator's orders. A copy is not taken in
 * while somebody is in a form, and what is read stays where it is. No order is sent without a reason.
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
  zone.textContent = ", in brackets those of your clock (" + Intl.DateTimeFormat().resolvedOptions().timeZone + ")";
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
const lookAtNow = () => {
  for (const box of main.querySelectorAll("[data-now]"))
    box.scrollLeft = (box.scrollWidth * box.dataset.now) / 100 - box.clientWidth * 0.75;
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
    const told = await answer.json().catch(() => ({}));
    said.textContent = answer.ok ? "Done: " + action + ". " + (told.note ?? "") : action + " was refused (" + answer.status + "). " + (told.problems ?? []).join(" ");
  } catch {
    said.textContent = action + " was sent, and no answer came: look whether it was carried out.";
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
lookAtNow();
setInterval(count, 1000);
setInterval(refresh, 5000);
`;

/** For the page's Content-Security-Policy: this script and no other. */
export const clientScriptHash = `sha256-${createHash("sha256").update(clientScript).digest("base64")}`;
