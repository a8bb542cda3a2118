import { createHash } from 'node:crypto';
import type { Params, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { cannotParse, changeNotAllowed, invalidParameter, missingParameter } from './errors';
import { galleryId, refused, remaining } from './gallery-shared';
import { onCompletion, startLro } from './lro';
import { targetRegions } from './replication';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';

const permissionTypes = ['Private', 'Groups', 'Community'];
const groupTypes = ['Subscriptions', 'AADTenants'];
const operationTypes = ['Add', 'Remove', 'Reset', 'EnableCommunity'];

/** Documented: to how many a gallery can be shared directly. */
const mostGroups: Readonly<Record<string, number>> = { Subscriptions: 30, AADTenants: 5 };

/** Why a PUT or PATCH cannot have this sharing profile; `before` is the gallery that is there. */
export function sharingProblem(profile: JsonObject, before?: Resource): SandboxResponse | undefined {
  const permissions = profile['permissions'];
  const path = 'gallery.properties.sharingProfile';
  // Documented: a gallery is made for direct sharing or never is, and a reset takes it back for good.
  const had = object(before?.properties['sharingProfile'])['permissions'];
  if (before && permissions === 'Groups' && had !== 'Groups') return changeNotAllowed(`${path}.permissions`);
  if (permissions !== undefined && !permissionTypes.includes(String(permissions))) {
    return invalidParameter(`The value '${permissions}' of parameter ${path}.permissions is invalid.`, 'permissions');
  }
  if (permissions !== 'Community') return undefined;
  const info = object(profile['communityGalleryInfo']);
  const missing = ['publisherUri', 'publisherContact', 'eula', 'publicNamePrefix'].find((name) => !text(info[name]));
  return missing ? missingParameter(`${path}.communityGalleryInfo.${missing}`) : undefined;
}

/** The profile as it is kept: what the caller may set, and the groups and public names that it had. */
export function keptSharing(profile: JsonObject, before: JsonObject): JsonObject {
  const { groups: _, communityGalleryInfo, ...given } = profile;
  const { communityGalleryEnabled: __, publicNames: ___, ...info } = object(communityGalleryInfo);
  const { communityGalleryEnabled, publicNames } = object(before['communityGalleryInfo']);
  const names = {
    ...(communityGalleryEnabled !== undefined && { communityGalleryEnabled, publicNames }),
  } as JsonObject;
  return {
    ...given,
    ...(communityGalleryInfo !== undefined && { communityGalleryInfo: { ...info, ...names } }),
    ...(before['groups'] !== undefined && { groups: before['groups'] }),
  };
}

/** A gallery as a GET shows it: the groups only by `$select=Permissions` or `$expand=SharingProfile/Groups`. */
export function galleryView(world: World, gallery: Resource, request?: SandboxRequest): Resource {
  const profile = gallery.properties['sharingProfile'];
  if (profile === undefined) return gallery;
  const { groups, ...plain } = object(profile);
  const asked = ['$select', '$expand'].map((name) => request?.url.searchParams.get(name)?.toLowerCase());
  const wanted = asked.includes('permissions') || asked.includes('sharingprofile/groups');
  const sharingProfile = { ...plain, ...(wanted && groups !== undefined && { groups }) };
  const enabled = object(plain['communityGalleryInfo'])['communityGalleryEnabled'] === true;
  const { sharingStatus: unsettled, ...properties } = gallery.properties;
  const shown = (wanted && (groups !== undefined || unsettled !== undefined)) || enabled;
  const sharingStatus = shown ? { sharingStatus: unsettled ?? status(world, gallery, 'Succeeded') } : {};
  return { ...gallery, properties: { ...properties, sharingProfile, ...sharingStatus } };
}

type SharingState = 'Succeeded' | 'InProgress' | 'Failed';

/** Sharing reaches every region that has a version of the gallery. Azure's words for a region that fails are not known. */
function status(world: World, gallery: Resource, state: SharingState): JsonObject {
  const prefix = `${key(gallery.id)}/`;
  const versions = Object.entries(compute(world).resources).filter(([id]) => id.startsWith(prefix));
  const regions = versions.flatMap(([, version]) => targetRegions(version).map((r) => String(r['name'])));
  const details = state === 'Failed' ? 'The sharing operation failed in this region.' : '';
  const summary = [...new Set(regions)].map((region): JsonObject => ({ region, state, details }));
  return { aggregatedState: state, summary };
}

export function registerSharing(): void {
  onCompletion('gallery.share', (world, target, { data, outcome }) => {
    const gallery = compute(world).resources[target];
    if (!gallery) return undefined;
    if (outcome === 'Succeeded') {
      gallery.properties['sharingProfile'] = shared(gallery, object(data['update']));
      delete gallery.properties['sharingStatus'];
    } else gallery.properties['sharingStatus'] = status(world, gallery, 'Failed');
    return undefined;
  });
}

/** POST …/share: who may use the gallery. */
export function share(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const gallery = compute(world).resources[key(galleryId(params))];
  const missing = () => notFound('Microsoft.Compute/galleries', params['gallery'] ?? '', params['group'] ?? '');
  if (!gallery) return refused(world, params) ?? missing();
  if (!request.body) return cannotParse();
  const update = object(request.body);
  const problem = updateProblem(gallery, update) ?? limitProblem(world, gallery, update);
  if (problem) return problem;
  gallery.properties['sharingStatus'] = status(world, gallery, 'InProgress');
  const head = startLro(world, request, {
    subscriptionId: gallery.id.split('/')[2] ?? '',
    location: gallery.location,
    style: 'capsOperations',
    what: 'gallery.share',
    target: key(gallery.id),
    data: { update },
    endsAtMs: world.clock.nowMs() + 45_000,
  });
  return { status: 202, headers: { ...head, ...remaining('PostShareGallery', 9, 59) } };
}

/** What Azure says when an operation does not fit the gallery's permissions is not documented: the wording is ours. */
function updateProblem(gallery: Resource, update: JsonObject): SandboxResponse | undefined {
  const operation = text(update['operationType']);
  if (!operation) return missingParameter('sharingUpdate.operationType');
  if (!operationTypes.includes(operation)) {
    return invalidParameter(
      `The value '${operation}' of parameter sharingUpdate.operationType is invalid.`,
      'operationType',
    );
  }
  const groups = list(update['groups']).map(object);
  const bad = groups.find((group) => !groupTypes.includes(String(group['type'])));
  if (bad)
    return invalidParameter(`The value '${bad['type']}' of parameter sharingUpdate.groups.type is invalid.`, 'groups');
  if (operation === 'Reset') return undefined;
  const needed = operation === 'EnableCommunity' ? 'Community' : 'Groups';
  const permissions = object(gallery.properties['sharingProfile'])['permissions'] ?? 'Private';
  if (permissions !== needed) {
    const message = `The sharing operation '${operation}' needs a gallery whose sharingProfile.permissions is '${needed}'. The gallery '${gallery.name}' is '${permissions}'.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  return operation !== 'EnableCommunity' && groups.length === 0 ? missingParameter('sharingUpdate.groups') : undefined;
}

/** Limits that are documented without words: too many to share with, and a version that is encrypted with own keys. */
function limitProblem(world: World, gallery: Resource, update: JsonObject): SandboxResponse | undefined {
  if (update['operationType'] !== 'Add') return undefined;
  for (const { type, ids } of list(shared(gallery, update)['groups']).map(object)) {
    const most = mostGroups[String(type)] ?? 0;
    if (list(ids).length <= most) continue;
    const message = `The gallery '${gallery.name}' would be shared with ${list(ids).length} of the type '${type}'; the limit is ${most}.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  const under = `${key(gallery.id)}/images/`;
  const encrypted = Object.entries(compute(world).resources).find(
    ([id, version]) =>
      id.startsWith(under) && targetRegions(version).some((region) => region['encryption'] !== undefined),
  );
  if (!encrypted) return undefined;
  const message = `The gallery '${gallery.name}' cannot be shared because the version '${encrypted[1].id}' is encrypted with a key of its owner.`;
  return armError(409, 'OperationNotAllowed', message);
}

function shared(gallery: Resource, update: JsonObject): JsonObject {
  const profile = object(gallery.properties['sharingProfile']);
  if (update['operationType'] === 'Reset') return { permissions: 'Private' };
  if (update['operationType'] === 'EnableCommunity') {
    const info = object(profile['communityGalleryInfo']);
    const guid = createHash('sha256').update(key(gallery.id)).digest('hex').slice(0, 32);
    const publicNames = [`${info['publicNamePrefix']}-${guid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`];
    return { ...profile, communityGalleryInfo: { ...info, communityGalleryEnabled: true, publicNames } };
  }
  return { ...profile, groups: regrouped(list(profile['groups']).map(object), update) };
}

function regrouped(before: readonly JsonObject[], update: JsonObject): JsonObject[] {
  return groupTypes.flatMap((type) => {
    const idsOf = (groups: readonly JsonObject[]) =>
      groups.filter((g) => g['type'] === type).flatMap((g) => list(g['ids']).map(String));
    const [old, named] = [idsOf(before), idsOf(list(update['groups']).map(object))];
    const ids =
      update['operationType'] === 'Add' ? [...new Set([...old, ...named])] : old.filter((id) => !named.includes(id));
    return ids.length > 0 ? [{ type, ids }] : [];
  });
}
