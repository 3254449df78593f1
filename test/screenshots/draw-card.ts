import { toCard } from "../../shared/notify/formats.ts";
import { outcomeNews } from "../../shared/notify/news.ts";
import { wordOutcome } from "../../shared/notify/wording.ts";
import { jane } from "../fixtures/fake-world.ts";
import { aRevocation, at } from "../fixtures/principal-builders.ts";

/** The card about Jane's end. */
export const aCard = (user: string): object =>
  toCard(
    wordOutcome(
      outcomeNews(
        jane,
        aRevocation(),
        {
          state: "closed",
          outcome: "revoked",
          closedAt: at(64),
          acceptedAt: at(62.5),
          verified: true,
          detail: null,
        },
        { user, group: null, role: "User Administrator" },
      ),
      "global",
    ),
  );

/** Near to what Teams shows in each scheme; a card has no colours of its own. */
const schemes = {
  light: { page: "#f5f5f5", card: "#ffffff", text: "#242424", subtle: "#616161", good: "#e7f2da", bad: "#fcf4f6" },
  dark: { page: "#1f1f1f", card: "#292929", text: "#ffffff", subtle: "#adadad", good: "#1e3a1e", bad: "#3f1011" },
} as const;

/** A page that draws a card with Microsoft's renderer, whose script is given. Nothing is loaded from anywhere. */
export function drawCard(card: object, script: string, scheme: keyof typeof schemes): string {
  const colours = schemes[scheme];
  const foreground = {
    default: { default: colours.text, subtle: colours.subtle },
    good: { default: colours.text, subtle: colours.subtle },
    attention: { default: colours.text, subtle: colours.subtle },
  };
  const style = (backgroundColor: string) => ({ backgroundColor, foregroundColors: foreground });
  const host = {
    fontFamily: "sans-serif",
    spacing: { small: 8, default: 12, padding: 16 },
    containerStyles: {
      default: style(colours.card),
      emphasis: style(colours.page),
      good: style(colours.good),
      attention: style(colours.bad),
    },
  };
  const data = JSON.stringify({ card, host }).replaceAll("<", "\\u003c");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Card</title>
<style>body { margin: 24px; background: ${colours.page} } #card { max-width: 560px; border-radius: 6px; overflow: hidden }
.ac-pushButton { padding: 6px 12px; border: 1px solid ${colours.subtle}; border-radius: 4px; background: none; color: ${colours.text} }</style>
</head><body><div id="card"></div><script>${script}</script><script>
const { card, host } = ${data};
const adaptive = new AdaptiveCards.AdaptiveCard();
adaptive.hostConfig = new AdaptiveCards.HostConfig(host);
adaptive.parse(card);
document.getElementById("card").append(adaptive.render());
</script></body></html>`;
}
