import { createHash } from "node:crypto";

/**
 * The page's only script: counts down, takes in a fresh copy of the page every few seconds, and sends an operator's orders. A copy is not taken in
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
setInterval(count, 1000);
setInterval(refresh, 5000);
`;

/** For the page's Content-Security-Policy: this script and no other. */
export const clientScriptHash = `sha256-${createHash("sha256").update(clientScript).digest("base64")}`;
