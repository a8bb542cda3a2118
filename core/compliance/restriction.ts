import { resourceGroupId, resourceId, sameId, subscriptionId } from '../azure-id';
import { type AzureConfig, type Catalogue, machinesOf } from '../catalogue';
import { grouped } from '../collections';
import { canonical, hashOf } from '../hash';
import { secondGalleryRef } from '../images';
import type { Machine } from './inventory';
import { spelling } from './spelling';

/** Name of goldbot's definition and of its assignments: a scope always has the same assignment. */
export const restrictionName = 'goldbot-golden-images';

export type RestrictionEffect = 'audit' | 'deny';

/** Where machines are held to golden images. */
export interface RestrictionTarget {
  /** Id of a management group, a subscription or a resource group. */
  readonly scope: string;
  /** Name of the assignment. */
  readonly name: string;
  /** Ids of scopes under it that are left alone. */
  readonly notScopes: readonly string[];
  /** Resource groups whose names begin like this are left alone: Image Builder creates them as it goes. */
  readonly buildGroups: readonly string[];
  /** Only machines with this tag; all when absent. */
  readonly tag?: { readonly name: string; readonly value: string };
}

/** How the machines of a target are held to them. */
export interface RestrictionSettings {
  readonly effect: RestrictionEffect;
  /** Ids of galleries. */
  readonly galleries: readonly string[];
  /** Ids of versions that are golden no longer, since their life is over; none when absent. */
  readonly pastEnd?: readonly string[];
}

/** What is in Azure now. */
export interface RestrictionState {
  /** The definition is there and is this one. */
  readonly defined: boolean;
  readonly assigned?: RestrictionSettings & Omit<RestrictionTarget, 'scope' | 'name'> & { readonly enforced: boolean };
}

const machines = ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/virtualMachineScaleSets'];

/** A machine with an attached disk has no image: what a backup restores is let through, and compliance shows it with an unknown origin. */
const isNotGolden = {
  allOf: [
    {
      count: {
        value: "[parameters('galleries')]",
        name: 'gallery',
        where: { field: 'Microsoft.Compute/imageId', like: "[concat(current('gallery'), '/images/*')]" },
      },
      equals: 0,
    },
    { not: { field: 'Microsoft.Compute/virtualMachines/storageProfile.osDisk.createOption', equals: 'Attach' } },
  ],
};

/** Of a machine that names its version. One that names the definition takes the latest, which no policy sees. */
const isPastEnd = { field: 'Microsoft.Compute/imageId', in: "[parameters('pastEnd')]" };

/** The rule of the policy. */
const rule = {
  if: {
    allOf: [
      { field: 'type', in: machines },
      { anyOf: [isNotGolden, isPastEnd] },
      {
        anyOf: [
          { value: "[parameters('tagValue')]", equals: '' },
          { field: "[concat('tags[', parameters('tagName'), ']')]", equals: "[parameters('tagValue')]" },
        ],
      },
      {
        count: {
          value: "[parameters('buildGroups')]",
          name: 'group',
          where: { field: 'id', contains: "[concat('/resourceGroups/', current('group'))]" },
        },
        equals: 0,
      },
    ],
  },
  outcome: { effect: "[parameters('effect')]" },
};

const parameters = {
  effect: {
    type: 'String',
    allowedValues: ['audit', 'deny', 'disabled'],
    defaultValue: 'audit',
    metadata: { displayName: 'Effect' },
  },
  galleries: { type: 'Array', metadata: { displayName: 'Galleries whose images are allowed, by id' } },
  pastEnd: {
    type: 'Array',
    defaultValue: [],
    metadata: { displayName: 'Versions of images, by id, that are allowed no longer: their life is over' },
  },
  tagName: { type: 'String', defaultValue: 'team', metadata: { displayName: 'Tag of the machines it is about' } },
  tagValue: { type: 'String', defaultValue: '', metadata: { displayName: 'Its value; empty for all machines' } },
  buildGroups: {
    type: 'Array',
    defaultValue: [],
    metadata: { displayName: 'Beginnings of names of resource groups that images are built in' },
  },
};

/** `properties` of the policy definition; its metadata holds its hash, by which an older one is recognised. */
export function restrictionDefinition() {
  const described = {
    displayName: 'Machines come from golden images (goldbot)',
    description: 'Virtual machines and scale sets are made from images of the named galleries.',
    mode: 'Indexed',
    parameters,
    // Azure's word for the outcome; an object literal with it would look like a promise.
    policyRule: Object.fromEntries([
      ['if', rule.if],
      ['then', rule.outcome],
    ]),
  };
  return { ...described, metadata: { category: 'Compute', goldbot: hashOf(described) } };
}

export const restrictionHash = (): string => restrictionDefinition().metadata.goldbot;

/** Where the definition of a target lives: its management group or subscription. */
export function definitionScope(scope: string): string {
  return /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? scope;
}

export function restrictionDefinitionId(scope: string): string {
  return `${definitionScope(scope)}/providers/Microsoft.Authorization/policyDefinitions/${restrictionName}`;
}

export function restrictionAssignmentId({ scope, name }: Pick<RestrictionTarget, 'scope' | 'name'>): string {
  return `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

/** `properties` of the policy assignment. */
export function restrictionAssignment(target: RestrictionTarget, { effect, galleries, pastEnd }: RestrictionSettings) {
  const { scope, tag, notScopes, buildGroups } = target;
  return {
    displayName: `Machines come from golden images${tag ? ` (${tag.name}: ${tag.value})` : ''}`,
    policyDefinitionId: restrictionDefinitionId(scope),
    notScopes,
    enforcementMode: 'Default',
    parameters: {
      effect: { value: effect },
      galleries: { value: galleries },
      buildGroups: { value: buildGroups },
      ...(pastEnd && { pastEnd: { value: pastEnd } }),
      ...(tag && { tagName: { value: tag.name }, tagValue: { value: tag.value } }),
    },
    nonComplianceMessages: [
      {
        message:
          'New machines must come from a golden image that is not past its end of life. For the list, ask goldbot: images. Restored disks may be attached.',
      },
    ],
  };
}

/** In words, also where somebody switched it off in Azure without lifting it: `deny, but not enforced`. */
export function restrictionWords({ assigned }: Pick<RestrictionState, 'assigned'>): string {
  if (!assigned) return 'not restricted';
  const { effect, enforced, pastEnd = [] } = assigned;
  const ended = pastEnd.length === 1 ? '1 version' : `${pastEnd.length} versions`;
  const what = pastEnd.length === 0 ? effect : `${effect}, ${ended} past the end of life included`;
  return enforced ? what : `${what}, but not enforced`;
}

/** Whether Azure already has exactly what is wanted. */
export function isRestricted(
  state: RestrictionState,
  target: RestrictionTarget,
  settings: RestrictionSettings,
): boolean {
  const { assigned, defined } = state;
  if (!defined || !assigned?.enforced) return false;
  return canonical(comparable(assigned)) === canonical(comparable({ ...target, ...settings }));
}

function comparable(of: RestrictionSettings & Omit<RestrictionTarget, 'scope' | 'name'>) {
  const sorted = (texts: readonly string[]) => texts.map((text) => text.toLowerCase()).sort();
  const tag = of.tag && { name: of.tag.name.toLowerCase(), value: of.tag.value };
  return {
    effect: of.effect.toLowerCase(),
    galleries: sorted(of.galleries),
    notScopes: sorted(of.notScopes),
    buildGroups: sorted(of.buildGroups),
    pastEnd: sorted(of.pastEnd ?? []),
    tag: tag ?? null,
  };
}

/** Where images are built, if within the scope: builds must keep using marketplace images. */
export function buildExclusions(
  scope: string,
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
): Pick<RestrictionTarget, 'notScopes' | 'buildGroups'> {
  const own = subscriptionId(azure.subscription);
  const group = resourceGroupId({ subscription: azure.subscription, resourceGroup: azure.buildResourceGroup });
  const isManagementGroup = /^\/providers\/Microsoft\.Management\//i.test(scope);
  if (!isManagementGroup && !sameId(scope, own)) return { notScopes: [], buildGroups: [] };
  // Image Builder's own groups: `IT_<group of the template>_<template>_<guid>`.
  const staging = images.flatMap((image) => machinesOf(azure, image).build.stagingResourceGroup ?? []);
  const groups = [group, ...staging.filter((id) => !sameId(id, group))];
  const notScopes = groups.filter((id, n) => groups.findIndex((other) => sameId(other, id)) === n);
  return { notScopes, buildGroups: [`IT_${azure.buildResourceGroup}_`] };
}

/** Ids of the galleries whose images are golden: the one that is published into, then the second one. */
export function goldenGalleries(azure: AzureConfig): readonly string[] {
  const second = secondGalleryRef(azure);
  return [galleryId(azure), ...(second ? [resourceId(second, 'Microsoft.Compute/galleries', second.gallery)] : [])];
}

export function galleryId({ subscription, gallery }: Pick<AzureConfig, 'subscription' | 'gallery'>): string {
  const { resourceGroup, name } = gallery;
  return resourceId({ subscription, resourceGroup }, 'Microsoft.Compute/galleries', name);
}

/** How far back a dry run looks. */
export const dryRunDays = 30;

/** What a team deployed that would have been stopped. */
export interface Stopped {
  /** Null: no team has the machines. */
  readonly team: string | null;
  readonly deployments: number;
  /** What they came from, as people read it, most deployments first. */
  readonly sources: readonly string[];
  readonly last?: Date;
}

/**
 * Machines of the last few days that a restriction would have stopped, by team, most first. A scale set is one
 * deployment, however many instances it has; machines without an image have attached disks or are in other clouds: no
 * policy stops them.
 */
export function stoppedBy(
  machines: readonly Machine[],
  teamOf: (machine: Machine) => string | null,
  images: Catalogue['images'],
): readonly Stopped[] {
  const written = spelling(images);
  const stoppable = machines.filter(({ type, source }) => type !== 'arc' && source !== '');
  return [...grouped(stoppable, teamOf)]
    .map(([team, rows]) => {
      const last = rows.flatMap(({ createdAt }) => createdAt ?? []).sort((a, b) => b.getTime() - a.getTime())[0];
      return { team, deployments: deploymentsOf(rows), sources: bySource(rows).map(written), ...(last && { last }) };
    })
    .sort((a, b) => b.deployments - a.deployments || String(a.team ?? '~').localeCompare(String(b.team ?? '~')));
}

export function deploymentsOf(machines: readonly Machine[]): number {
  return new Set(
    machines.map((m) => (m.scaleSet === undefined ? m.id : `${m.subscription}/${m.resourceGroup}/${m.scaleSet}`)),
  ).size;
}

/** Most deployments first. */
function bySource(machines: readonly Machine[]): readonly (readonly Machine[])[] {
  return [...grouped(machines, ({ source }) => source).values()].sort((a, b) => deploymentsOf(b) - deploymentsOf(a));
}
