import { definitionId, parseAzureId, resourceGroupId, resourceId, subscriptionId } from '../azure-id';
import { type Catalogue, machinesOf } from '../catalogue';
import { galleryRef, secondGalleryRef } from '../images';
import type { RoleName } from './roles';

/** Where one role is assigned: the id of a resource, a resource group, a subscription or a management group. */
export interface RoleAt {
  readonly role: RoleName;
  readonly scope: string;
}

/** What the catalogue names without saying where it is. Scopes as in `RoleAt`. */
export interface Elsewhere {
  /** The management group or the subscriptions with the teams' machines: tags do not tell. */
  readonly teams: readonly string[];
  /** The key of `provenance`; nothing is signed with a vault when absent. */
  readonly key?: string;
  /** The container of VHDs; none are made when absent. */
  readonly container?: string;
  /** The container of checkpoints of the audit; none are kept there when absent. */
  readonly record?: string;
}

/**
 * Every role where this catalogue needs it and nowhere else, those for teams included; leave out whose commands you do
 * not want. Nothing stands within another scope of the same role.
 */
export function rolesFor(catalogue: Catalogue, { teams, key, container, record }: Elsewhere): readonly RoleAt[] {
  const { azure } = catalogue;
  const gallery = galleryRef(azure);
  const galleryScope = resourceId(gallery, 'Microsoft.Compute/galleries', gallery.gallery);
  const other = secondGalleryRef(azure);
  const second = other ? [resourceId(other, 'Microsoft.Compute/galleries', other.gallery)] : [];
  const builds = resourceGroupId({ subscription: azure.subscription, resourceGroup: azure.buildResourceGroup });
  const { subnets, networks, staging, sources } = usedByImages(catalogue);
  const building = subscriptionId(azure.subscription);
  const others = [galleryScope, ...second, azure.identity, ...networks].map((id) => subscriptionOf(id));
  const all: readonly (readonly [RoleName, readonly string[]])[] = [
    ['goldbot-observer', [...teams, galleryScope, ...second, builds, ...sources]],
    ['goldbot-planner', [building, ...others]],
    ['goldbot-builder', [builds, azure.identity, ...subnets]],
    ['goldbot-publisher', [galleryScope, ...second]],
    ['goldbot-log-reader', [...staging.map((group) => group ?? building), ...given(container), ...given(record)]],
    ['goldbot-signer', given(key)],
    ['goldbot-recorder', given(record)],
    ['goldbot-classifier', teams],
    ['goldbot-policy', teams],
    ['goldbot-runner', teams],
    ['goldbot-trials', [galleryScope]],
    ['goldbot-access', [galleryScope]],
    ['goldbot-sharer', [galleryScope]],
    ['goldbot-rollout', teams],
    ['goldbot-reimage', teams],
  ];
  return all.flatMap(([role, scopes]) => outermost(scopes).map((scope) => ({ role, scope })));
}

/** What the images of a catalogue touch beside the gallery and the group that builds. */
function usedByImages({ azure, images }: Catalogue) {
  const machines = images.map((image) => machinesOf(azure, image));
  const subnets = [azure.test.subnetId, ...machines.map(({ test }) => test.subnetId)];
  const ofBuilds = machines.flatMap(({ build }) => [
    ...given(build.network?.subnetId),
    ...given(build.network?.containerInstanceSubnetId),
  ]);
  return {
    subnets,
    networks: [...subnets, ...ofBuilds],
    /** Undefined where Image Builder makes the group. */
    staging: machines.map(({ build }) => build.stagingResourceGroup),
    sources: images.flatMap(({ source }) => (source.kind === 'imageVersion' ? [definitionId(source.image)] : [])),
  };
}

const subscriptionOf = (id: string): string => subscriptionId(parseAzureId(id)?.subscription ?? '');

function given(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}

/** Each scope once, without those that are within another one. Management groups are above what is not known here. */
function outermost(scopes: readonly string[]): readonly string[] {
  const lower = scopes.map((scope) => scope.toLowerCase());
  const isWithin = (scope: string) => lower.some((other) => scope.startsWith(`${other}/`));
  return scopes.filter((_, n) => lower.indexOf(lower[n] ?? '') === n && !isWithin(lower[n] ?? ''));
}
