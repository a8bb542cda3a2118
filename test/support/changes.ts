import type { AzureRead } from '../../core/azure';
import { findImage } from '../../core/catalogue';
import { galleryId, restrictionName } from '../../core/compliance';
import { imageRoles } from '../../core/image-access';
import { galleryRef, imageRef } from '../../core/images';
import { offeredAbove, planCopy } from '../../core/lifecycle';
import type {
  AccessPlan,
  ChangePlan,
  DeferPlan,
  RestrictPlan,
  RolloutPlan,
  SharePlan,
  VersionPlan,
} from '../../core/runs';
import { trialDefinition } from '../../core/trials';
import { secondGallery, teamSubscriptions } from '../../sandbox/azure/names';
import type { AzureWorld } from './azure-world';
import { exampleCatalogue } from './catalogue';

/** One of each kind; what can be undone is done and undone, in this order. */
export async function changesOfEachKind(world: AzureWorld): Promise<readonly ChangePlan[]> {
  const { read } = world.azure;
  const all = (await read.machineList({}, 300)).rows;
  const edge = all.find(({ name }) => name === 'vm-web-edge-005');
  const orphan = all.find(({ tags }) => tags['team'] === undefined);
  const api = all.find(({ name }) => name === 'vm-payments-api-001');
  const instance = all.find(({ name }) => name === 'vmss-payments-queue_0');
  const arc = all.find(({ name }) => name === 'arc-data-1');
  const replaced = all.find(
    ({ type, scaleSet, source, version }) =>
      type === 'vm' && scaleSet === undefined && source.endsWith('/ubuntu-22') && version === '1.5.0',
  );
  if (!edge || !orphan || !api || !instance || !arc || !replaced) throw new Error('the story lacks a machine');
  const offered = offeredAbove([...(await world.versions()).values()], '0.0.0').map(({ version }) => version);
  const [highest = '', below = ''] = offered;
  const { policies } = await read.machineCompliance(edge.id);
  const golden = policies.find(({ name }) => name === 'only-golden-images')?.assignment ?? '';
  const baseline = policies.find(({ reference }) => reference === 'inheritteamtag')?.assignment ?? '';
  const about = { target: 'web', team: 'web', reason: 'because' };
  const scope = `/subscriptions/${teamSubscriptions[0]}`;
  const restricted: Omit<RestrictPlan, 'effect'> = {
    ...{ verb: 'restrict', galleries: [galleryId(exampleCatalogue().azure)], dryRun: [], ...about },
    targets: [{ scope, name: restrictionName, notScopes: [], buildGroups: [] }],
  };
  const until = '2027-01-01T00:00:00.000Z';
  return [
    { verb: 'classify', machineId: edge.id, model: 'pet', ...about },
    { verb: 'exempt', machineId: edge.id, assignment: golden, policy: 'only-golden-images', until, ...about },
    {
      verb: 'remediate',
      machineId: orphan.id,
      assignment: baseline,
      policy: 'x',
      reference: 'inheritteamtag',
      ...about,
    },
    {
      ...{ verb: 'assign', baseline: 'monitor-agent', location: 'westeurope', ...about },
      scope: `${scope}/resourceGroups/rg-payments`,
    },
    { verb: 'rescan', scopes: [scope], ...about },
    { ...restricted, effect: 'deny', pastEnd: true },
    { ...restricted, effect: 'off' },
    ...[api, instance, arc].map(
      ({ id, location }): ChangePlan => ({ verb: 'tattoo', machineId: id, os: 'Linux', location, ...about }),
    ),
    versionPlan('eol', '1.5.0', { until: '2027-06-01T00:00:00.000Z' }),
    versionPlan('age', '1.4.1', { replacedBy: '1.6.0' }),
    accessPlan('grant'),
    accessPlan('ungrant'),
    sharePlan('share'),
    sharePlan('unshare'),
    rolloutPlan({ sets: Object.values({ ...pinnedSets, workers: { ...pinnedSets.workers, reimages: true } }) }),
    rolloutPlan({ team: 'payments', sets: [], singles: [{ ...replaced, model: 'pet', version: '1.4.1' }] }),
    deferPlan(world.clock.nowMs()),
    versionPlan('revoke'),
    versionPlan('restore'),
    versionPlan('rollback', highest, { to: below }),
    versionPlan('promote', highest),
    versionPlan('channel', highest, { channel: 'stable' }),
    versionPlan('replicate', highest, {
      copies: { set: [{ name: 'UK South', replicas: 1 }], again: [], remove: ['East US'] },
    }),
    await copyPlan(world.azure.read, highest),
    versionPlan('retire', '1.1.0', { image: 'windows-2022', keeps: false, lifts: '2026-12-20T00:00:00.000Z' }),
    versionPlan('rollback', highest, { to: below, forward: '1.9.0' }),
    {
      ...{ verb: 'try', cost: 'little', gallery: galleryRef(exampleCatalogue().azure), target: trialDefinition },
      ...{ team: null, source: { definition: 'ubuntu-22', version: '1.5.0' } },
    },
  ];
}

/** Of the newest version of ubuntu-22, or another one; nobody is asked. */
export function versionPlan(
  verb: VersionPlan['verb'],
  version = '1.5.0',
  more: Partial<VersionPlan> = {},
): VersionPlan {
  const catalogue = exampleCatalogue();
  const image = findImage(catalogue, more.image ?? 'ubuntu-22');
  if (!image) throw new Error('the example catalogue lacks the image');
  return {
    ...{
      verb,
      image: image.name,
      versions: [version],
      target: `${image.name} ${version}`,
      team: null,
      reason: 'because',
    },
    gallery: imageRef(catalogue.azure, image),
    ...more,
  };
}

/** Of a version of ubuntu-22 into the second gallery of the sandbox, where it is missing at first; nobody is asked. */
export async function copyPlan(
  read: Pick<AzureRead, 'version'>,
  number = '1.5.0',
  more: Partial<VersionPlan> = {},
): Promise<VersionPlan> {
  const { gallery: from, ...plan } = versionPlan('copy', number);
  const gallery = { ...from, gallery: secondGallery.name, resourceGroup: secondGallery.resourceGroup };
  const [version, there] = await Promise.all([read.version(from, number), read.version(gallery, number)]);
  if (!version) throw new Error(`no ${number}`);
  const asked = { image: plan.image, from, version, there, gallery: gallery.gallery, configured: [], now: new Date(0) };
  const second = planCopy(asked);
  if ('message' in second) throw new Error(second.message);
  return { ...plan, gallery, second, ...more };
}

/** Of the right to view ubuntu-22, for a group of the sandbox; nobody is asked. */
export function accessPlan(verb: AccessPlan['verb'], more: Partial<AccessPlan> = {}): AccessPlan {
  const catalogue = exampleCatalogue();
  const image = findImage(catalogue, 'ubuntu-22');
  const { builtIn = '', name } = imageRoles.view;
  if (!image) throw new Error('the example catalogue lacks ubuntu-22');
  return {
    ...{ verb, target: 'view of ubuntu-22', team: null, reason: 'because', image: image.name, right: 'view' },
    gallery: imageRef(catalogue.azure, image),
    group: { id: 'b0bb1e50-0000-4000-8000-000000000011', name: 'payments-owners' },
    role: { id: builtIn, name },
    ...more,
  };
}

/** Of the gallery of ubuntu-22, with a subscription of nobody's; nobody is asked. */
export function sharePlan(verb: SharePlan['verb'], more: Partial<SharePlan> = {}): SharePlan {
  const gallery = galleryRef(exampleCatalogue().azure);
  return {
    ...{ verb, target: `the gallery ${gallery.gallery}`, team: null, reason: 'because', gallery },
    ...{ image: 'ubuntu-22', definition: 'ubuntu-22' },
    to: { kind: 'subscription', id: '1c0d3f7a-0000-4000-8000-000000000001' },
    ...more,
  };
}

const groupOf = (team: string, subscription: string | undefined): string =>
  `/subscriptions/${subscription}/resourceGroups/rg-${team}/providers/Microsoft.Compute/virtualMachineScaleSets`;
const [ofPayments, ofWeb, ofData] = teamSubscriptions;
const workers = `${groupOf('data', ofData)}/vmss-data-workers`;

/** Scale sets of the story that name a version: moved by goldbot, moved by Azure, and a flexible one. */
export const pinnedSets = {
  workers: { id: workers, name: 'vmss-data-workers', way: 'batches', location: 'westeurope' },
  queue: {
    id: `${groupOf('payments', ofPayments)}/vmss-payments-queue`,
    name: 'vmss-payments-queue',
    way: 'rolling',
    location: 'westeurope',
  },
  jobs: { id: `${groupOf('web', ofWeb)}/vmss-web-jobs`, name: 'vmss-web-jobs', way: 'batches', location: 'westeurope' },
} as const;

/** Of all of them to the newest version of ubuntu-22; nobody is asked. */
export function rolloutPlan(more: Partial<RolloutPlan> = {}): RolloutPlan {
  const { image, gallery } = versionPlan('revoke');
  return {
    ...{ verb: 'rollout', target: `${image} 1.5.0`, team: null, reason: 'because', image, gallery, version: '1.5.0' },
    sets: Object.values(pinnedSets),
    ...more,
  };
}

/** The scale set of the story whose owner Azure asks by a lifecycle hook. */
export const askedSet = {
  id: `${groupOf('web', ofWeb)}/vmss-web-front`,
  name: 'vmss-web-front',
  asks: 'hook',
} as const;

/** Of rollouts of ubuntu-22 to web, for six hours from `nowMs`. */
export function deferPlan(nowMs: number, more: Partial<DeferPlan> = {}): DeferPlan {
  return {
    ...{ verb: 'defer', target: 'ubuntu-22 for web', team: 'web', image: 'ubuntu-22', sets: [askedSet] },
    ...{ until: new Date(nowMs + 6 * 3_600_000).toISOString(), reason: 'the month is being closed' },
    ...more,
  };
}
