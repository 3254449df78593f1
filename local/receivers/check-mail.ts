import { z } from "zod";

const addressed = z.strictObject({ address: z.email(), displayName: z.string().optional() });

/** The body of a mail (Azure Communication Services docs: Email REST API, Send). */
const mailSchema = z.object({
  senderAddress: z.email(),
  content: z.strictObject({
    subject: z
      .string()
      .min(1)
      .regex(/^[^\r\n]+$/),
    plainText: z.string().min(1),
    html: z.string().min(1),
  }),
  recipients: z.object({ to: z.array(addressed).min(1).max(50) }),
  userEngagementTrackingDisabled: z.literal(true),
});

/** What Azure would not take of a mail, and what mails to people must not have; empty when all is well. */
export function checkMail(text: string): readonly string[] {
  const parsed = mailSchema.safeParse(parse(text));
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const { html } = parsed.data.content;
  return /<(?:a|script|img|form|iframe)\b/i.test(html) ? ["a mail to a person has a link, a picture or a script"] : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
