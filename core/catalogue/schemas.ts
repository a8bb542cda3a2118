import { z } from 'zod';
import { isDuration, isZone, weekdays } from '../time';

/**
 * The shape of `catalog/`: what a user configures. Parsed once, all problems at once (catalogue-parse.ts); nothing
 * inside checks again.
 */

const guid = z.guid('must be a GUID, as the Azure portal shows it');
const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter');
const duration = z.string().refine(isDuration, 'must be a duration such as +48h, +90d, +26w or +6mo');
const line = z.string().trim().min(1, 'must not be empty').max(2_000);
const resourceId = z.string().regex(/^\/subscriptions\/[^/]+\/resourceGroups\/.+/i, 'must be an Azure resource id');
const resourceGroupId = z
  .string()
  .regex(
    /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+$/i,
    'must be the id of a resource group: /subscriptions/…/resourceGroups/…',
  );
const sha256 = z.string().regex(/^[0-9a-f]{64}$/i, 'must be a SHA-256 in hex');
const scripts = z.array(z.string()).min(1);

/** Image Builder's own vocabulary (imageTemplates: properties.customize). */
const customizer = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('Shell'),
      name: line,
      inline: scripts.optional(),
      scriptUri: z.url().optional(),
      sha256Checksum: sha256.optional(),
    })
    .refine((s) => (s.inline === undefined) !== (s.scriptUri === undefined), 'needs either inline or scriptUri')
    .refine((s) => s.scriptUri === undefined || s.sha256Checksum !== undefined, 'a scriptUri needs its sha256Checksum'),
  z.strictObject({
    type: z.literal('File'),
    name: line,
    sourceUri: z.url(),
    destination: line,
    sha256Checksum: sha256,
  }),
  z.strictObject({
    type: z.literal('PowerShell'),
    name: line,
    inline: scripts,
    runElevated: z.boolean().optional(),
    runAsSystem: z.boolean().optional(),
    validExitCodes: z.array(z.int()).optional(),
  }),
  z.strictObject({ type: z.literal('WindowsRestart'), name: line.optional(), restartTimeout: line.optional() }),
  z.strictObject({
    type: z.literal('WindowsUpdate'),
    name: line.optional(),
    searchCriteria: line.optional(),
    filters: z.array(line).optional(),
    updateLimit: z.int().positive().optional(),
  }),
]);

/** In-build validation (imageTemplates: properties.validate.inVMValidations). */
const validator = z.strictObject({ type: z.enum(['Shell', 'PowerShell']), name: line, inline: scripts });

const test = z.strictObject({
  /** Short and unique within the image: it stands on cards. */
  name: slug,
  /** Shell script, run by run command on a freshly deployed VM; passes with exit code 0. */
  run: z.string().min(1),
  /** Text that the output must contain. */
  expect: line.optional(),
  timeoutSeconds: z.int().min(10).max(3_600).default(120),
});

const region = z.strictObject({
  /** As Azure displays it: `West Europe`. */
  name: line,
  /** Azure advises one replica for 50 VMs created at the same time; 100 is the limit of a version. */
  replicas: z.int().min(1).max(100).default(1),
});

const approval = z.strictObject({
  /** Entra group (object id) whose members decide. */
  group: guid,
  groupName: line,
  /** `Team / Channel`, or the channel's id. */
  channel: line,
  quorum: z.int().min(1).max(10).default(1),
  /** How long an asking stays open. */
  expires: duration.default('+3d'),
});

export const imageSchema = z.strictObject({
  name: slug,
  title: line,
  aliases: z.array(slug).default([]),
  os: z.enum(['Linux', 'Windows']),
  /** Marketplace image that every build starts from; the exact version is chosen by `plan`. */
  source: z.strictObject({ publisher: line, offer: line, sku: line }),
  /** Name of the image definition in the gallery. */
  imageDefinition: line,
  customize: z.array(customizer).default([]),
  validate: z.array(validator).default([]),
  tests: z.array(test).default([]),
  regions: z.array(region).min(1),
  /** From publishing to end of life; `none` for no end. */
  endOfLife: z.union([duration, z.literal('none')], 'must be a duration such as +6mo, or none').default('+6mo'),
  /** How many published versions to keep before the oldest is proposed for discontinuing. */
  keep: z.int().min(1).max(100).default(4),
  buildTimeoutMinutes: z.int().min(6).max(960).default(120),
  approval,
});

export const azureSchema = z.strictObject({
  subscription: guid,
  location: z.string().regex(/^[a-z0-9]+$/, 'must be a region as Azure writes it in ids: westeurope'),
  /** Where image templates and test machines are made, apart from everything else. */
  buildResourceGroup: line,
  /** User-assigned managed identity of Image Builder. */
  identity: resourceId,
  gallery: z.strictObject({ name: line, resourceGroup: line }),
  build: z.strictObject({ vmSize: line }).default({ vmSize: 'Standard_D2s_v5' }),
  test: z.strictObject({ subnetId: resourceId, vmSize: line }),
});

/** What a group may do. `viewer` reads; each other role includes reading. */
export const roleNames = ['viewer', 'publisher', 'approver', 'owner', 'admin', 'auditor'] as const;
export type Role = (typeof roleNames)[number];

export const rolesSchema = z.array(
  z.strictObject({
    /** Entra group (object id). */
    group: guid,
    name: line,
    role: z.enum(roleNames),
    /** Only for these images; all when absent. */
    images: z.array(slug).optional(),
  }),
);

const teamScope = z.union(
  [
    z.strictObject({ managementGroup: line }),
    z.strictObject({ subscription: guid }),
    z.strictObject({ resourceGroup: resourceGroupId }),
    z.strictObject({ tag: z.strictObject({ name: line, value: line }) }),
  ],
  'must be one of managementGroup, subscription, resourceGroup and tag',
);

/** When the team's weekly digest comes, in its own time zone. */
const digestTime = z.strictObject({
  day: z.enum(weekdays, `must be one of ${weekdays.join(', ')}`).default('mon'),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "09:00", 24 hours')
    .default('09:00'),
  zone: z.string().refine(isZone, 'must be an IANA time zone such as Europe/Berlin').default('UTC'),
});

export const teamsSchema = z.record(
  slug,
  z.strictObject({
    scope: teamScope,
    owners: z.strictObject({ group: guid, name: line }),
    channel: line,
    /** `false` for none. */
    digest: z
      .union([digestTime, z.literal(false)], 'must be { day, time, zone }, or false for no digest')
      .default(() => digestTime.parse({})),
  }),
);

export type ImageConfig = Readonly<z.output<typeof imageSchema>>;
export type AzureConfig = Readonly<z.output<typeof azureSchema>>;
export type RoleGrant = Readonly<z.output<typeof rolesSchema>[number]>;
export type TeamConfig = Readonly<z.output<typeof teamsSchema>[string]>;

export interface Catalogue {
  readonly azure: AzureConfig;
  readonly images: readonly ImageConfig[];
  readonly roles: readonly RoleGrant[];
  readonly teams: ReadonlyMap<string, TeamConfig>;
}

/** By name or alias, in any case. */
export function findImage(catalogue: Catalogue, name: string): ImageConfig | undefined {
  const wanted = name.toLowerCase();
  return catalogue.images.find((i) => i.name === wanted || i.aliases.includes(wanted));
}
