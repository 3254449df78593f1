import { escapeHtml } from "../../../shared/notify/wording.ts";
import type { DayCount } from "../report.ts";
import { many } from "./sentences.ts";

const WIDTH = 960;
const HEIGHT = 180;
const LABELS = 24;
const WIDEST = 48;

/** Bars per day as one inline SVG with its legend: all ends, and in front of them the sign-outs. */
export function dayChart(days: readonly DayCount[]): string {
  const most = days.reduce((max, { ends }) => Math.max(max, ends), 1);
  const step = WIDTH / Math.max(days.length, 1);
  const bars = days.map(({ day, ends, signOuts }, at) => {
    const bar = (value: number, kind: string) => {
      const height = (value / most) * (HEIGHT - LABELS);
      const wide = Math.min(step * 0.8, WIDEST);
      const [x, y, width] = [(at + 0.5) * step - wide / 2, HEIGHT - LABELS - height, wide].map((n) => n.toFixed(2));
      return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height.toFixed(2)}"/>`;
    };
    const title = escapeHtml(`${day}: ${many(signOuts, "sign-out")}, ${many(ends, "end")}`);
    return `<g><title>${title}</title>${bar(ends, "ends")}${bar(signOuts, "sign-outs")}</g>`;
  });
  const label = (day: string | undefined, x: number, anchor: string) =>
    `<text x="${x}" y="${HEIGHT - 6}" text-anchor="${anchor}">${escapeHtml(day ?? "")}</text>`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Role ends and sign-outs per day">
${bars.join("\n")}
${label(days[0]?.day, 0, "start")}${days.length > 1 ? label(days.at(-1)?.day, WIDTH, "end") : ""}
</svg>
<p class="note"><i class="sign-outs"></i> sign-outs <i class="ends"></i> ends without one; the highest bar stands for ${many(most, "end")}</p>`;
}
