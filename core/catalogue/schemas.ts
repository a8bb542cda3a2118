import { z } from 'zod';
import { cronProblem, workingMs } from '../calendar';
import type { VulnerabilityList } from '../contents';
import { isQuick, matches } from '../pattern';
import { addDuration, isDuration, isZone, weekdays } from '../time';
import { windowProblem } from '../windows';
import { galleryVersionId, guid, idOf, line, managedImageId, slug, subnetId, tags } from './fields';
import type { Programs } from './programs';
import type { ImageSource } from './source';
import { customizer, type RecipeCheck, type RecipeStep, validator } from './steps';
import type { TemplateOrigin } from './template';

/**
 * The shape of `catalog/`: what a user configures. Parsed once, reporting all problems together (parse.ts); nothing
 * downstream checks again. `docs/reference/catalogue.md` is generated from it: `describe` says what a key is for,
 * `form` how it is written.
 */

const duration = z
  .string()
  .refine(isDuration, 'must be a duration such as +48h, +90d, +26w or +6mo')
  .meta({ form: 'duration' });
const resourceId = z
  .string()
  .regex(/^\/subscriptions\/[^/]+\/resourceGroups\/.+/i, 'must be an Azure resource id')
  .meta({ form: 'resource id' });
const resourceGroupId = z
  .string()
  .regex(
    /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+$/i,
    'must be the id of a resource group: /subscriptions/…/resourceGroups/…',
  )
  .meta({ form: 'resource group id' });
const encryptionSetId = idOf('Microsoft\\.Compute/diskEncryptionSets', 'a disk encryption set');

const test = z.strictObject({
  name: slug.describe('Short and unique within the image: it appears on cards.'),
  run: z
    .string()
    .min(1)
    .meta({ form: 'script' })
    .describe(
      'Script that passes with exit code 0: of the shell on Linux, of PowerShell on Windows, where any error ends it.',
    ),
  expect: line.describe('Text that the output must contain.').optional(),
  timeoutSeconds: z.int().min(10).max(3_600).default(120).describe('Longest time the test may take.'),
});

const region = z.strictObject({
  name: line.describe('Region as Azure displays it, such as `West Europe`.'),
  replicas: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Replicas of a version there. Azure advises one for every 50 VMs that are created at the same time.'),
  storageAccountType: z
    .enum(['Standard_LRS', 'Standard_ZRS', 'Premium_LRS'])
    .describe("Storage of the replicas there; Azure's default when absent.")
    .optional(),
  diskEncryptionSetId: encryptionSetId
    .describe(
      'Disk encryption set in that region that encrypts the replicas there with a key of your own; all regions need one, or none, in the subscription of the gallery.',
    )
    .optional(),
});

const purchasePlan = z.strictObject({
  name: line.describe('Name of the plan, usually the SKU.'),
  product: line.describe('Product of the plan, usually the offer.'),
  publisher: line.describe('Publisher of the plan.'),
});

const buildNetwork = z
  .strictObject({
    subnetId: subnetId.describe('Subnet of build machines.'),
    containerInstanceSubnetId: subnetId
      .describe(
        'Subnet of the containers that Image Builder works from: of the same virtual network, another one, and delegated to Microsoft.ContainerInstance/containerGroups.',
      )
      .optional(),
  })
  .refine(({ subnetId: own, containerInstanceSubnetId: other }) => other === undefined || areNeighbours(own, other), {
    message: 'must be another subnet of the virtual network of subnetId',
    path: ['containerInstanceSubnetId'],
  });

/** Different subnets of one virtual network. */
function areNeighbours(a: string, b: string): boolean {
  const network = (id: string) => id.toLowerCase().replace(/\/subnets\/[^/]+$/, '');
  return network(a) === network(b) && a.toLowerCase() !== b.toLowerCase();
}

/** How build machines are made; an image's file may override each. */
const buildMachine = {
  vmSize: line.describe('Size of build machines.'),
  osDiskSizeGiB: z
    .int()
    .min(1)
    .max(4_095)
    .describe(
      "Size of the build machine's system disk, and so of the image's; that of the source when absent. It can only grow.",
    )
    .optional(),
  network: buildNetwork
    .describe(
      'Network of your own to build in, which the identity must be allowed to join; one that Image Builder makes when absent.',
    )
    .optional(),
  stagingResourceGroup: resourceGroupId
    .describe(
      'Resource group of your own for what a build makes, in the subscription and region that build; it must be empty when a build begins, so no two images can share it, and the identity needs Contributor on it. One that Image Builder makes when absent.',
    )
    .optional(),
  tags: tags
    .describe('Tags that your policies ask for: on the image template, its staging group and all in it.')
    .optional(),
};

/** How test machines are made; an image's file may override each. */
const testMachine = {
  subnetId: subnetId.describe('Subnet of test machines; they have no public address.'),
  vmSize: line.describe('Size of test machines.'),
  tags: tags.describe('Tags that your policies ask for on test machines and their network interfaces.').optional(),
};

const zone = z
  .string()
  .refine(isZone, 'must be an IANA time zone such as Europe/Berlin')
  .meta({ form: 'time zone' })
  .default('UTC')
  .describe('IANA time zone, such as `Europe/Berlin`.');

/** What of a new version can ask for more approvals. What cannot be compared counts as changed. */
export const risks = {
  'first-version': 'it is the first of its image',
  'changed-recipe': 'its recipe has changed',
  'changed-guard': 'its tests, its approval rule or roles have changed',
  'old-base': 'its base is old, withdrawn or about to end',
  'new-packages': 'it has packages that the version before had not',
  vulnerabilities: 'it brings vulnerabilities of the list in the catalogue',
} as const;
export type Risk = keyof typeof risks;
const riskNames = Object.keys(risks) as [Risk, ...Risk[]];

const sequence = z
  .array(
    z.strictObject({
      group: guid.describe('Entra group (object id) whose members decide in this place; they need the role approver.'),
      groupName: line.describe('Name of the group, as cards show it.'),
      quorum: z.int().min(1).max(10).default(1).describe('How many people of this group must approve.'),
      channel: line
        .describe('Where this group is asked once it is its turn; in `approval.channel` when absent.')
        .optional(),
      expires: duration
        .describe(
          'How long this group has once it is its turn, in hours, days or weeks. Once one group says so, each has a time of its own: `approval.expires` where it says nothing.',
        )
        .optional(),
    }),
  )
  .min(2, 'must have at least two groups; one group stands in group and groupName')
  .max(5)
  .refine((groups) => new Set(groups.map(({ group }) => group.toLowerCase())).size === groups.length, {
    message: 'must name each group once',
  });

const approval = z
  .strictObject({
    group: guid.describe('Entra group (object id) whose members decide; or give a `sequence`.').optional(),
    groupName: line.describe('Name of the group, as cards show it.').optional(),
    sequence: sequence
      .describe(
        'Groups that decide one after the other, in place of `group`: each is asked once the one before has approved, and one rejection ends it. Nobody counts for two of them. A scheduled version is asked about on a card of its own then, since it goes from one group to the next.',
      )
      .optional(),
    channel: line.describe("Where approval requests are posted: `Team / Channel`, or the channel's id."),
    quorum: z
      .int()
      .min(1)
      .max(10)
      .default(1)
      .describe('How many people must approve; with a `sequence`, each group says it.'),
    risks: z
      .array(
        z.strictObject({
          when: z
            .array(z.enum(riskNames, `must be one of ${riskNames.join(', ')}`))
            .min(1)
            .describe('Any of these is enough. What cannot be compared counts as changed.'),
          quorum: z.int().min(2).max(10).describe('How many people must approve then.'),
        }),
      )
      .min(1)
      .describe(
        'How many people must approve a new version of which something special is so; never less than `quorum`. With a `sequence`, how many of its last group.',
      )
      .optional(),
    expires: duration
      .default('+3d')
      .describe(
        'How long an approval request stays open; for all groups of a `sequence` together, unless one of them has an `expires` of its own.',
      ),
    expiresCounts: z
      .enum(['working-hours'], 'must be working-hours, or be left out')
      .describe(
        '`working-hours`: of the time in `expires`, only Mondays to Fridays from 8:00 to 18:00 in `zone` count, so that `+1d` is ten such hours and `+1w` fifty. Every hour counts when absent. Public holidays are not known.',
      )
      .optional(),
    reminders: z
      .enum(['always', 'working-hours'], 'must be always or working-hours, or be left out')
      .describe(
        'Whoever decides is reminded once half of the time is over, and once three quarters are: of all of it, or of the working hours in it (Mondays to Fridays, 8:00 to 18:00). Never when absent.',
      )
      .optional(),
    zone: zone
      .unwrap()
      .describe('IANA time zone of those working hours, such as `Europe/Berlin`; UTC when absent.')
      .optional(),
    escalation: z
      .strictObject({
        group: guid.describe(
          'Entra group (object id) whose members may decide then as well; they need the role approver.',
        ),
        groupName: line.describe('Name of the group, as cards show it.'),
        channel: line.describe("Where they are asked: `Team / Channel`, or the channel's id."),
      })
      .describe(
        'Who else is asked once three quarters of the time are over and nobody has decided. Nobody when absent.',
      )
      .optional(),
    change: z
      .enum(['required'], 'must be required, or be left out')
      .describe(
        '`required`: nothing is approved without the number of a change in your own records. It is given with `publish` or by the first who approves, and stands on the card, in the audit and in the certificate.',
      )
      .optional(),
    changePattern: line
      .max(200)
      .refine(isPattern, 'must be a regular expression')
      .refine(
        isQuickPattern,
        'must not repeat what repeats already, as in ([0-9]+)+: looking at a number would not end',
      )
      .meta({ form: 'regular expression' })
      .describe(
        'What the whole number has to match, with `change`; capital letters and digits such as CHG0031234 or RFC-1042 when absent.',
      )
      .optional(),
  })
  .refine(({ sequence: groups, group }) => (groups === undefined) !== (group === undefined), {
    message: 'must be named, or a sequence of groups in its place',
    path: ['group'],
  })
  .refine(({ group, groupName }) => (group === undefined) === (groupName === undefined), {
    message: 'goes with group: name both, or neither',
    path: ['groupName'],
  })
  .refine(({ sequence: groups, quorum }) => groups === undefined || quorum === 1, {
    message: 'stands with each group of a sequence',
    path: ['quorum'],
  })
  .refine(({ sequence: groups = [], expires }) => timesOf(groups, expires).every((one) => !isInMonths(one)), {
    message: 'must be in hours, days or weeks where a group has a time of its own',
    path: ['sequence'],
  })
  .transform(oneAfterTheOther)
  .refine(({ quorum, risks: some = [] }) => some.every((one) => one.quorum > quorum), {
    message: 'must each ask for more people than quorum does',
    path: ['risks'],
  })
  .refine(
    ({ reminders, expiresCounts, zone: named }) =>
      named === undefined || reminders === 'working-hours' || expiresCounts !== undefined,
    {
      message:
        'says whose working hours count, and none are asked for: add reminders: working-hours, or expiresCounts: working-hours',
      path: ['zone'],
    },
  )
  .refine(({ expires, expiresCounts }) => expiresCounts === undefined || workingMs(expires) !== undefined, {
    message: 'is in months, of which working hours cannot be counted: give hours, days or weeks',
    path: ['expires'],
  })
  .refine(({ reminders, escalation }) => escalation === undefined || reminders !== undefined, {
    message: 'comes with the second reminder, and there is none: add reminders',
    path: ['escalation'],
  })
  .refine(({ change, changePattern }) => changePattern === undefined || change !== undefined, {
    message: 'says how change numbers look, and none is asked for: add change: required',
    path: ['changePattern'],
  });

interface Last {
  readonly group: string;
  readonly groupName: string;
  readonly quorum?: number;
  readonly channel?: string;
  /** How long it may decide once it is asked; absent where all groups share one time. */
  readonly ttlMs?: number;
}

/** The group that decides last is the rule's own: for most images it is the only one. */
function oneAfterTheOther<
  Given extends {
    readonly group?: string | undefined;
    readonly groupName?: string | undefined;
    readonly quorum: number;
    readonly channel: string;
    readonly sequence?: z.output<typeof sequence> | undefined;
    readonly expires: string;
    readonly expiresCounts?: 'working-hours' | undefined;
  },
>({ sequence: groups = [], group = '', groupName = '', ...given }: Given) {
  const times = timesOf(groups, given.expires).map((one) => msOf(one, given.expiresCounts !== undefined));
  const all = groups.map(({ expires: _, ...one }, at) => {
    const ttlMs = times[at];
    return { ...one, channel: one.channel ?? given.channel, ...(ttlMs !== undefined && { ttlMs }) };
  });
  const [last, first] = [all.at(-1), all.slice(0, -1)];
  const own: Last = last ?? { group, groupName };
  return { ...given, ...own, ...(first.length > 0 && { first }) };
}

/** How long each group of a sequence has; empty where they share one time. */
function timesOf(groups: readonly { readonly expires?: string | undefined }[], shared: string): readonly string[] {
  return groups.some(({ expires }) => expires !== undefined) ? groups.map(({ expires = shared }) => expires) : [];
}

const isInMonths = (text: string): boolean => workingMs(text) === undefined;

/** In milliseconds; of working time where only that counts. Not of months, which differ. */
function msOf(text: string, isWorking: boolean): number | undefined {
  return isWorking ? workingMs(text) : addDuration(text, new Date(0))?.getTime();
}

function isPattern(text: string): boolean {
  try {
    matches(text, '');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Asked of what is a pattern; as a whole number has to match it. */
function isQuickPattern(text: string): boolean {
  return !isPattern(text) || isQuick(text);
}

const cronMistakes = {
  unreadable: 'must be a cron expression of five fields, such as "0 6 * * 1"',
  never: 'never comes',
  'more than daily': 'comes more often than once a day',
} as const;

/** Not every month has a day 29, 30 or 31. */
const dayWords = 'must be a day that every month has, 1 to 28, or last';

/** When an image is published by itself: ready by a day of each month, or begun by a cron expression. */
const schedule = z.union(
  [
    z.strictObject({
      readyBy: z
        .union([z.int(dayWords).min(1, dayWords).max(28, dayWords), z.literal('last')], dayWords)
        .meta({ form: 'day' })
        .describe('Day of the month, 1 to 28 or `last`, at whose beginning the version is in every region.'),
      zone,
    }),
    z.strictObject({
      cron: line
        .superRefine((text, context) => {
          const problem = cronProblem(text);
          if (problem) context.addIssue(cronMistakes[problem.why]);
        })
        .meta({ form: 'cron' })
        .describe('When the build begins, at most daily: minute, hour, day, month, weekday.'),
      zone,
    }),
  ],
  'must be { readyBy: 1 to 28 or last, zone } or { cron: five fields that come at most daily, zone }',
);

const freeze = z
  .strictObject({
    name: line.max(60).describe('What people call it: it stands on the cards of what waits. Unique.'),
    from: z
      .string('must be a text: put it in quotes')
      .meta({ form: 'moment' })
      .describe(
        'When it begins: `"2026-12-20 18:00"` once, `"12-20 18:00"` every year, `"28 18:00"` or `"last"` every month, `"fri 18:00"` every week. A day without a time begins at 00:00.',
      ),
    to: z
      .string('must be a text: put it in quotes')
      .meta({ form: 'moment' })
      .describe('When it ends, written as `from` is. A day without a time belongs to it.'),
    zone,
    reason: line.max(300).describe('Why: people who must wait read it.'),
    images: z
      .array(slug)
      .min(1)
      .describe('Only these images. With none of `images`, `regions` and `teams` it holds back everything.')
      .optional(),
    regions: z
      .array(line)
      .min(1)
      .describe('Only what goes into one of these regions, as Azure displays them; of all images, or of `images`.')
      .optional(),
    teams: z
      .array(slug)
      .min(1)
      .describe('Remediations, restrictions, rollouts and appointments of these teams.')
      .optional(),
  })
  .superRefine((window, context) => {
    const found = windowProblem(window);
    if (found) context.addIssue({ code: 'custom', path: [found.at], message: found.why });
  });

const lifecycle = z.strictObject({
  typeMachinesAbove: z
    .int()
    .min(0)
    .default(50)
    .describe('Who revokes or retires a version that more machines run than this has to type how many they are.'),
});

const outputNames = ['gallery', 'managed-image', 'vhd'] as const;

/** Where outputs outside of the gallery go. */
const outputPlaces = z
  .strictObject({
    resourceGroup: line
      .describe(
        'Resource group of managed images, in the subscription and region that build; the identity needs to read, write and delete images there.',
      )
      .optional(),
    storageAccount: z
      .string()
      .regex(/^[a-z0-9]{3,24}$/, 'must be the name of a storage account: 3 to 24 lower-case letters and digits')
      .meta({ form: 'name' })
      .describe('Storage account of VHDs; with `container`.')
      .optional(),
    container: z
      .string()
      .regex(
        /^[a-z0-9](?:-?[a-z0-9]){2,62}$/,
        'must be the name of a container: 3 to 63 lower-case letters, digits and single dashes',
      )
      .meta({ form: 'name' })
      .describe(
        'Container of VHDs; the identity needs Storage Blob Data Contributor on it, and goldbot itself Storage Blob Data Reader.',
      )
      .optional(),
  })
  .refine(({ storageAccount, container }) => (storageAccount === undefined) === (container === undefined), {
    message: 'storageAccount and container go together: name both, or neither',
    path: ['storageAccount'],
  });

/** What every build of an image starts from, as its file names it. */
const source = z.union(
  [
    z.strictObject({
      publisher: line.describe('Publisher of a marketplace image.'),
      offer: line.describe('Offer of the marketplace image.'),
      sku: line.describe('SKU of the marketplace image.'),
      version: line.describe('Exact version to stay on; the newest at each build when absent.').optional(),
      plan: purchasePlan
        .describe(
          'Purchase plan of an image that is sold with one. The image definition must have the same, and its terms must be accepted once in the subscription that builds.',
        )
        .optional(),
    }),
    z.strictObject({
      imageVersion: galleryVersionId.describe(
        'Version of any gallery that goldbot and the identity of the build may read, replicated to the region that builds; `…/versions/latest` takes the highest that is not excluded from latest.',
      ),
    }),
    z.strictObject({
      managedImage: managedImageId.describe('Generalized managed image in the subscription and the region that build.'),
    }),
  ],
  'must be publisher, offer and sku of a marketplace image, or imageVersion, or managedImage',
);

export const imageSchema = z.strictObject({
  name: slug.describe('Name of the image in commands; unique.'),
  title: line.describe('Name of the image on cards.'),
  aliases: z.array(slug).default([]).describe('Other names for it in commands.'),
  os: z.enum(['Linux', 'Windows']).describe('Operating system.'),
  source: source
    .describe(
      'What every build starts from, one of the three; the plan chooses the exact version. Absent with `template`.',
    )
    .optional(),
  template: z
    .string()
    .regex(/^[\w. -]+(\/[\w. -]+)*\.json$/, 'must be a file of the catalogue such as legacy.json')
    .meta({ form: 'file' })
    .describe(
      'An existing Image Builder template instead of `source`, `customize` and `validate`: bare or in an ARM deployment. Beside this file, or in the folder of the catalogue.',
    )
    .optional(),
  templateValues: z
    .record(z.string(), z.unknown())
    .meta({ form: 'name: value' })
    .describe('Values of the placeholders `<name>` and of the parameters of `template`.')
    .optional(),
  imageDefinition: line.describe('Name of the image definition in the gallery.'),
  customize: z.array(customizer).default([]).describe("Customizers in Image Builder's own vocabulary."),
  validate: z.array(validator).default([]).describe('Checks inside the build, before anything is distributed.'),
  tests: z.array(test).default([]).describe('Checks by run command on a freshly deployed VM.'),
  regions: z.array(region).min(1).describe('Where a published version is replicated.'),
  endOfLife: z
    .union([duration, z.literal('none')], 'must be a duration such as +6mo, or none')
    .default('+6mo')
    .describe('From publishing to end of life.'),
  keep: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('How many published versions to keep before the oldest is proposed for discontinuing.'),
  retention: z
    .enum(['monthly'], 'must be monthly, or be left out')
    .describe(
      '`monthly`: once a month goldbot asks to retire what is beyond `keep` and nobody uses; by command alone when absent.',
    )
    .optional(),
  buildTimeoutMinutes: z
    .int()
    .min(6)
    .max(960)
    .describe('Longest time Image Builder may take; 120 when absent, and 300 for Windows.')
    .optional(),
  rebuildAfter: duration
    .default('+28d')
    .describe('A schedule builds although nothing has changed once the newest version is this old.'),
  schedule: schedule
    .describe('When a new version is published by itself; the command `schedule` overrides it. Never when absent.')
    .optional(),
  outputs: z
    .array(z.enum(outputNames, `must be one of ${outputNames.join(', ')}`))
    .describe(
      'What a published version is given out as: `gallery`, which is made always since it is what is tested and approved, and from it, once it is published, `managed-image` and `vhd`; where those go stands in azure.yaml under `outputs`. The gallery alone when absent.',
    )
    .optional(),
  approval: approval.describe('Who decides about a candidate, and where they are asked.'),
  build: z.strictObject(buildMachine).partial().describe('Overrides `build` of azure.yaml for this image.').optional(),
  test: z.strictObject(testMachine).partial().describe('Overrides `test` of azure.yaml for this image.').optional(),
});

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "07:00", 24 hours')
  .meta({ form: 'time' });

const quiet = z
  .strictObject({
    from: timeOfDay.describe('When the quiet hours begin, in quotes, 24 hours.'),
    to: timeOfDay.describe('When they end; on the next day where it is before `from`.'),
    weekends: z.boolean().default(false).describe('Whether Saturdays and Sundays are quiet all day.'),
    zone,
  })
  .refine(({ from, to }) => from !== to, { message: 'must be another time than from', path: ['to'] });

export const azureSchema = z.strictObject({
  subscription: guid.describe('Subscription that builds.'),
  location: z
    .string()
    .regex(/^[a-z0-9]+$/, 'must be a region as Azure writes it in ids: westeurope')
    .meta({ form: 'region' })
    .describe('Region that builds, as Azure writes it in ids.'),
  buildResourceGroup: line.describe('Resource group of image templates and test machines, apart from everything else.'),
  identity: resourceId.describe('User-assigned managed identity of Image Builder.'),
  gallery: z
    .strictObject({
      name: line.describe('Name of the gallery.'),
      resourceGroup: line.describe('Resource group of the gallery.'),
      subscription: guid.describe('Subscription of the gallery; the one that builds when absent.').optional(),
    })
    .describe('Compute Gallery that images are published into.'),
  secondGallery: z
    .strictObject({
      name: line.describe('Name of the second gallery.'),
      resourceGroup: line.describe('Its resource group, best in another region than that of `gallery`.'),
      subscription: guid.describe('Its subscription; the one that builds when absent.').optional(),
      regions: z
        .array(line)
        .min(1)
        .describe(
          'Where it has to have copies, as Azure displays regions, its own region among them; where the first gallery has them when absent.',
        )
        .optional(),
    })
    .describe(
      'Gallery with copies for the day on which the first one cannot be reached. goldbot compares both once a week and for `parity`, copies versions into it with `copy`, and holds machines from it for golden. Its image definitions are called as those of `gallery`.',
    )
    .optional(),
  build: z
    .strictObject(buildMachine)
    .default({ vmSize: 'Standard_D2s_v5' })
    .describe('Machines that Image Builder builds on.'),
  test: z.strictObject(testMachine).describe('Machine that every candidate is tested on; deleted after the tests.'),
  freeze: z
    .array(freeze)
    .default([])
    .describe(
      'Windows in which nothing is built, published or changed, unless a second person agrees to override. What is under way waits until the window is over.',
    ),
  provenance: z
    .strictObject({
      keyVaultKey: z
        .string()
        .regex(
          /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.(azure\.net|usgovcloudapi\.net|azure\.cn)\/keys\/[0-9A-Za-z-]+(\/[0-9a-f]{32})?$/,
          'must be the id of a key: https://<vault>.vault.azure.net/keys/<name>',
        )
        .meta({ form: 'key id' })
        .describe(
          'Key in Azure Key Vault (elliptic curve, P-256) that signs the certificates of published versions; its newest version unless one is named. goldbot’s identity needs Key Vault Crypto User on it.',
        ),
    })
    .describe('How certificates are signed; by a local key when absent.')
    .optional(),
  audit: z
    .strictObject({
      channel: line
        .describe(
          "Where goldbot posts each day's signed checkpoint of the audit, and that it was altered: `Team / Channel`, or the channel's id. Best one whose members do not administer goldbot's database.",
        )
        .optional(),
      container: z
        .string()
        .regex(
          /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)\/[a-z0-9](-?[a-z0-9]){2,62}$/,
          'must be the address of a container: https://<account>.blob.core.windows.net/<container>',
        )
        .meta({ form: 'address of a container' })
        .describe(
          'Container of blobs with a time-based immutability policy (docs/verify.md) that keeps each checkpoint: neither goldbot nor who administers it can change or delete one. goldbot’s identity needs goldbot-recorder on it.',
        )
        .optional(),
    })
    .refine(({ channel, container }) => channel !== undefined || container !== undefined, {
      message: 'must name a channel, a container or both',
    })
    .describe('Who else keeps what the audit is held against; nobody when absent.')
    .optional(),
  lifecycle: lifecycle.default(() => lifecycle.parse({})).describe('How versions end.'),
  quiet: quiet
    .describe(
      'Hours in which no message mentions anybody. What is posted meanwhile says so; where it waits for people, they are called once these hours are over.',
    )
    .optional(),
  outputs: outputPlaces.describe('Where images go that ask for more `outputs` than the gallery.').optional(),
});

/** What a group may do. `viewer` reads; each other role includes reading. */
export const roleNames = ['viewer', 'publisher', 'approver', 'owner', 'admin', 'auditor'] as const;
export type Role = (typeof roleNames)[number];

export const rolesSchema = z.array(
  z.strictObject({
    group: guid.describe('Entra group (object id).'),
    name: line.describe('Name of the group, as cards show it.'),
    role: z.enum(roleNames).describe('What its members may do; each role includes `viewer`.'),
    images: z.array(slug).describe('Only for these images; all when absent.').optional(),
  }),
);

const tagScope = z.strictObject({
  name: line.describe('Name of the tag.'),
  value: line.describe('Value of the tag.'),
});

const teamScope = z.union(
  [
    z.strictObject({ managementGroup: line.describe('Name of a management group.') }),
    z.strictObject({ subscription: guid.describe('Id of a subscription.') }),
    z.strictObject({ resourceGroup: resourceGroupId.describe('Id of a resource group.') }),
    z.strictObject({ tag: tagScope.describe('Tag of machines.') }),
  ],
  'must be one of managementGroup, subscription, resourceGroup and tag',
);

/** When the team's weekly digest is sent, in its own time zone. */
const digestTime = z.strictObject({
  day: z
    .enum(weekdays, `must be one of ${weekdays.join(', ')}`)
    .default('mon')
    .describe('Day of the week.'),
  time: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "09:00", 24 hours')
    .meta({ form: 'time' })
    .default('09:00')
    .describe('Time of day, in quotes, 24 hours.'),
  zone,
});

const owners = z.strictObject({
  group: guid.describe('Entra group (object id) of those who speak for the team.'),
  name: line.describe('Name of the group, as cards show it.'),
});

export const teamsSchema = z.record(
  slug,
  z.strictObject({
    scope: teamScope.describe(
      "Which machines are the team's: one of the four. Where scopes overlap, tag wins over resource group, resource group over subscription, subscription over management group; a tie is an error.",
    ),
    owners: owners.describe('Who owns the machines.'),
    channel: line.describe("Channel of the weekly digest: `Team / Channel`, or the channel's id."),
    digest: z
      .union([digestTime, z.literal(false)], 'must be { day, time, zone }, or false for no digest')
      .default(() => digestTime.parse({}))
      .describe('When the weekly digest is sent; `false` for none.'),
  }),
);

/** What an image's file says. */
export type ImageFile = Readonly<z.output<typeof imageSchema>>;
/** An image as it is built: what its template says, if it has one, is filled in. */
export type ImageConfig = Omit<ImageFile, 'source' | 'customize' | 'validate' | 'template' | 'templateValues'> & {
  readonly source: ImageSource;
  readonly customize: readonly RecipeStep[];
  readonly validate: readonly RecipeCheck[];
  /** Absent when the image's own file says it all. */
  readonly template?: TemplateOrigin;
};
export type AzureConfig = Readonly<z.output<typeof azureSchema>>;
/** A window in which something is held back. */
export type Freeze = Readonly<z.output<typeof freeze>>;
export type RoleGrant = Readonly<z.output<typeof rolesSchema>[number]>;
export type TeamConfig = Readonly<z.output<typeof teamsSchema>[string]>;

export interface Catalogue {
  readonly azure: AzureConfig;
  readonly images: readonly ImageConfig[];
  readonly roles: readonly RoleGrant[];
  readonly teams: ReadonlyMap<string, TeamConfig>;
  /** Which programs may ask; absent: none. */
  readonly programs?: Programs;
  /** What the files in `vulnerabilities/` say; absent without any. */
  readonly vulnerabilities?: VulnerabilityList;
}

/** Ids of the groups whose members decide: about an image, as a team's owners, as admins. */
export function decidingGroups({ images, teams, roles }: Catalogue): readonly string[] {
  const admins = roles.filter(({ role }) => role === 'admin').map(({ group }) => group);
  const owners = [...teams.values()].map((team) => team.owners.group);
  const approvers = images.flatMap(({ approval: { group, first = [], escalation } }) => [
    group,
    ...first.map((one) => one.group),
    ...(escalation ? [escalation.group] : []),
  ]);
  return [...new Set([...approvers, ...owners, ...admins])];
}

/** How the machines of an image are made: by its own file, else by azure.yaml; tags by both. */
export function machinesOf(azure: AzureConfig, image: ImageConfig): MachineSettings {
  return {
    build: { ...azure.build, ...given(image.build), ...tagsOf(azure.build.tags, image.build?.tags) },
    test: { ...azure.test, ...given(image.test), ...tagsOf(azure.test.tags, image.test?.tags) },
  };
}

export interface MachineSettings {
  readonly build: AzureConfig['build'];
  readonly test: AzureConfig['test'];
}

/** Without what is not said, so that it overrides nothing. */
function given<T extends object>(settings: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function tagsOf(...all: readonly (Readonly<Record<string, string>> | undefined)[]) {
  const merged = Object.assign({}, ...all) as Record<string, string>;
  return Object.keys(merged).length > 0 ? { tags: merged } : {};
}

/** Where decisions are asked for, and digests and checkpoints are sent, as the catalogue calls it; each once. */
export function channelsOf({ azure, images, teams }: Pick<Catalogue, 'azure' | 'images' | 'teams'>): readonly string[] {
  return [
    ...new Set([
      ...images.flatMap(({ approval: { channel, first = [], escalation } }) => [
        ...first.map((one) => one.channel),
        channel,
        ...(escalation ? [escalation.channel] : []),
      ]),
      ...[...teams.values()].map((t) => t.channel),
      ...(azure.audit?.channel === undefined ? [] : [azure.audit.channel]),
    ]),
  ];
}

/**
 * By which clock people in a channel live: that of the digest of the team whose channel it is, else the one that all
 * schedules and working hours of the images decided about there agree on. `called`: its id, and its name if known.
 */
export function zoneOfChannel(
  { images, teams }: Pick<Catalogue, 'images' | 'teams'>,
  called: readonly (string | null | undefined)[],
): string | undefined {
  const isMeant = (channel: string | undefined) => channel !== undefined && called.includes(channel);
  const ofTeams = [...teams.values()].flatMap(({ channel, digest }) =>
    isMeant(channel) && digest !== false ? [digest.zone] : [],
  );
  const ofImages = images.flatMap(({ approval, schedule }) => {
    const asked = [approval.channel, approval.escalation?.channel, ...(approval.first ?? []).map((one) => one.channel)];
    const zones = [schedule?.zone, approval.zone].filter((one) => one !== undefined);
    return asked.some(isMeant) ? zones.slice(0, 1) : [];
  });
  const zones = new Set(ofTeams.length > 0 ? ofTeams : ofImages);
  return zones.size === 1 ? [...zones][0] : undefined;
}

/** By name or alias, ignoring case. */
export function findImage(catalogue: Catalogue, name: string): ImageConfig | undefined {
  const wanted = name.toLowerCase();
  return catalogue.images.find((i) => i.name === wanted || i.aliases.includes(wanted));
}
