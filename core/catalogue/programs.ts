import { z } from 'zod';
import { happenings, receiverProblem, webhookKinds } from '../webhooks/index';
import { guid, line, slug } from './fields';

/** What an application may be. None of these decides anything: a program asks, people decide. */
const programRoles = ['viewer', 'publisher', 'auditor'] as const;

const application = z.strictObject({
  application: guid.describe('Application (client) id of its app registration or managed identity in Entra.'),
  name: line.max(60).describe('What people call it: it stands on the cards of what it asked for, and in the audit.'),
  role: z
    .enum(programRoles, `must be one of ${programRoles.join(', ')}: an application asks, and never decides`)
    .describe('What it may ask for. None of them decides: that is for people.'),
  images: z.array(slug).min(1).describe('Only for these images; all when absent.').optional(),
});

const webhook = z.strictObject({
  name: slug.describe('Short and unique: the command `webhooks` shows it.'),
  url: z
    .string()
    .superRefine((text, { addIssue }) => {
      const problem = receiverProblem(text);
      if (problem) addIssue({ code: 'custom', message: problem });
    })
    .meta({ form: 'URL' })
    .describe('Where events are posted: https, on the public internet; no redirect is followed.'),
  events: z
    .array(z.enum(webhookKinds, `must be one of ${webhookKinds.join(', ')}`))
    .min(1)
    .describe(`What is told: ${kindWords()}`),
  images: z.array(slug).min(1).describe('Only what is about one of these images; everything when absent.').optional(),
  secret: z
    .string()
    .regex(/^GOLDBOT_WEBHOOK_[A-Z0-9_]{1,60}$/, 'must be the name of an environment variable: GOLDBOT_WEBHOOK_…')
    .meta({ form: 'name of a variable' })
    .describe(
      'Environment variable that holds the secret with which events are signed: `whsec_` and 24 to 64 bytes in base64. The secret itself never stands here.',
    ),
});

function kindWords(): string {
  return webhookKinds.map((kind) => `\`${kind}\`: ${happenings[kind].means}`).join(' ');
}

/** The shape of `programs.yaml`, which a catalogue may do without: then no program is let in. */
export const programsSchema = z.strictObject({
  audience: guid.describe(
    'Application (client) id of the app registration that stands for goldbot: tokens are issued for it. It issues version 2.0 with the optional claim `idtyp`.',
  ),
  applications: z
    .array(application)
    .default([])
    .describe('Applications of Entra that may ask goldbot; nobody else is let in.'),
  webhooks: z
    .array(webhook)
    .default([])
    .describe('Programs that are told by themselves what happens, as signed CloudEvents.'),
});

/** Programs that may ask goldbot, and those that it tells. */
export type Programs = Readonly<z.output<typeof programsSchema>>;
