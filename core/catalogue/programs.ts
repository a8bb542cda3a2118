import { z } from 'zod';
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

/** The shape of `programs.yaml`, which a catalogue may do without: then no program is let in. */
export const programsSchema = z.strictObject({
  audience: guid.describe(
    'Application (client) id of the app registration that stands for goldbot: tokens are issued for it. It issues version 2.0 with the optional claim `idtyp`.',
  ),
  applications: z
    .array(application)
    .default([])
    .describe('Applications of Entra that may ask goldbot; nobody else is let in.'),
});

/** Programs that may ask goldbot. */
export type Programs = Readonly<z.output<typeof programsSchema>>;
