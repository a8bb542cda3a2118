import { z } from 'zod';
import { line, sha256 } from './fields';

/**
 * Steps in Image Builder's own vocabulary, as the catalogue asks for them and as existing templates have them: those may
 * fetch scripts without a checksum, and leave steps without a name.
 */

const stepName = line.describe('Name of the step, shown when it fails.');
const inline = z
  .array(z.string().meta({ form: 'script line' }))
  .min(1)
  .describe('Lines of the script, run in order.');

/** Lines of its own, or a file that is fetched. */
const script = {
  inline: inline.optional(),
  scriptUri: z.url().describe('Address of a script, instead of `inline`.').optional(),
  sha256Checksum: sha256.describe('Checksum of the script; required with `scriptUri`.').optional(),
};

interface Fetched {
  readonly inline?: readonly string[] | undefined;
  readonly scriptUri?: string | undefined;
  readonly sha256Checksum?: string | undefined;
  readonly runElevated?: boolean | undefined;
  readonly runAsSystem?: boolean | undefined;
}
const hasOneScript = (s: Fetched): boolean => (s.inline === undefined) !== (s.scriptUri === undefined);
const hasChecksum = (s: Fetched): boolean => s.scriptUri === undefined || s.sha256Checksum !== undefined;
const mayBeSystem = (s: Fetched): boolean => s.runAsSystem !== true || s.runElevated === true;
const oneScript = [hasOneScript, 'needs either inline or scriptUri'] as const;
const checksum = [hasChecksum, 'a scriptUri needs its sha256Checksum'] as const;
const elevated = [mayBeSystem, 'runAsSystem needs runElevated: true'] as const;

const shell = z.strictObject({ type: z.literal('Shell'), name: stepName, ...script });
const powerShell = z.strictObject({
  type: z.literal('PowerShell'),
  name: stepName,
  ...script,
  runElevated: z.boolean().describe('Run with elevated rights.').optional(),
  runAsSystem: z.boolean().describe('Run as the SYSTEM account; needs `runElevated`.').optional(),
  validExitCodes: z.array(z.int()).describe('Exit codes that count as success; Image Builder takes 0.').optional(),
});
const file = z.strictObject({
  type: z.literal('File'),
  name: stepName,
  sourceUri: z.url().describe('Address of the file.'),
  destination: line.describe('Path on the machine.'),
  sha256Checksum: sha256.describe('Checksum of the file.'),
});
const restart = z.strictObject({
  type: z.literal('WindowsRestart'),
  name: stepName.optional(),
  restartCommand: line.describe('Command that restarts the machine, instead of the usual one.').optional(),
  restartCheckCommand: line.describe('Command that succeeds once the machine is back.').optional(),
  restartTimeout: line.describe('How long the restart may take, as Image Builder writes it, such as `5m`.').optional(),
});
const update = z.strictObject({
  type: z.literal('WindowsUpdate'),
  name: stepName.optional(),
  searchCriteria: line.describe('Which updates to look for, as Windows Update writes it.').optional(),
  filters: z.array(line).describe('Which of them to take or to leave out.').optional(),
  updateLimit: z.int().min(0).describe('Most updates to install; 1,000 when 0 or absent.').optional(),
});

/** imageTemplates: properties.customize. */
export const customizer = z.discriminatedUnion('type', [
  shell.refine(...oneScript).refine(...checksum),
  file,
  powerShell
    .refine(...oneScript)
    .refine(...checksum)
    .refine(...elevated),
  restart,
  update,
]);

/** imageTemplates: properties.validate.inVMValidations. */
export const validator = z.discriminatedUnion('type', [
  shell.refine(...oneScript).refine(...checksum),
  powerShell
    .refine(...oneScript)
    .refine(...checksum)
    .refine(...elevated),
  file,
]);

/** Codes by which Azure refuses what a template says of a step. */
const refusals = { type: 'BadCustomizerType', script: 'NoCustomizerScript' } as const;
const azureRefuses = (code: string, why: string) => `Azure refuses it (${code}): ${why}`;
const scripted = [
  hasOneScript,
  azureRefuses(refusals.script, 'it needs either inline or scriptUri, and not both'),
] as const;
const byAnyName = { name: stepName.optional() };

/** A step of an existing template. */
export const templateStep = z.discriminatedUnion(
  'type',
  [
    shell.extend(byAnyName).refine(...scripted),
    powerShell
      .extend(byAnyName)
      .refine(...scripted)
      .refine(...elevated),
    file.extend({ ...byAnyName, sha256Checksum: sha256.optional() }),
    restart,
    update,
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union' ? azureRefuses(refusals.type, 'there is no customizer of this type') : undefined,
  },
);

/** A check of an existing template. */
export const templateCheck = z.discriminatedUnion(
  'type',
  [
    shell.extend(byAnyName).refine(...scripted),
    powerShell
      .extend(byAnyName)
      .refine(...scripted)
      .refine(...elevated),
    file.extend({ ...byAnyName, sha256Checksum: sha256.optional() }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union' ? azureRefuses('BadValidatorType', 'there is no validator of this type') : undefined,
  },
);

/** A step of a recipe, whichever file it comes from. */
export type RecipeStep = z.output<typeof templateStep>;
export type RecipeCheck = z.output<typeof templateCheck>;
