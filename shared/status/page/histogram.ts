import { escapeHtml } from "../../html/escape-html.ts";
import type { LatencySummary } from "../status.ts";
import { spellSpan } from "./spell.ts";

const width = 520;
const rowHeight = 22;
const left = 90;
const right = 50;

/** How many revokes took how long, as bars that a screen reader gets in words. */
export function histogram({ histogram: bars }: LatencySummary): string {
  const most = bars.reduce((max, { count }) => Math.max(max, count), 1);
  const label = (at: number) => {
    const { upTo = null } = bars[at] ?? {};
    return upTo === null ? `over ${spellSpan(bars[at - 1]?.upTo ?? 0)}` : `up to ${spellSpan(upTo)}`;
  };
  const words = bars.map(({ count }, at) => `${label(at)}: ${count}`).join(", ");
  const rows = bars.map(({ count }, at) => {
    const [y, long] = [at * rowHeight, ((width - left - right) * count) / most];
    return `<text x="${left - 8}" y="${y + 15}" text-anchor="end">${escapeHtml(label(at))}</text><rect x="${left}" y="${y + 3}" width="${long.toFixed(1)}" height="${rowHeight - 6}"/><text x="${(left + long + 6).toFixed(1)}" y="${y + 15}">${count}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${bars.length * rowHeight}" role="img" aria-label="Revokes by time from announced end to acceptance: ${escapeHtml(words)}">
${rows.join("\n")}
</svg>`;
}
