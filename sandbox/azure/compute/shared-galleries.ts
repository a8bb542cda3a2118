import { tenantId } from '../../entra/people';
import type { Params, Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { versionsOf } from './gallery-latest';
import { remaining } from './gallery-shared';
import { scopeError } from './groups';
import { regionName } from './regions';
import { isReplicated } from './replication';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';

/** How somebody sees a gallery that is not theirs: shared with them, or with the community. */
interface Face {
  readonly path: 'sharedGalleries' | 'communityGalleries';
  readonly unique: 'SharedGalleries' | 'CommunityGalleries';
  /** What the gallery is called in this face; undefined when it is not shared this way with this subscription. */
  readonly nameFor: (gallery: Resource, subscriptionId: string) => string | undefined;
}

const sharedFace: Face = { path: 'sharedGalleries', unique: 'SharedGalleries', nameFor: sharedName };
const communityFace: Face = { path: 'communityGalleries', unique: 'CommunityGalleries', nameFor: communityName };

/** The owner's own subscription sees what it shares, as in recorded traffic. */
function sharedName(gallery: Resource, subscriptionId: string): string | undefined {
  const profile = object(gallery.properties['sharingProfile']);
  const groups = list(profile['groups']).map(object);
  if (profile['permissions'] !== 'Groups' || groups.length === 0) return undefined;
  const ids = groups.flatMap((group) => list(group['ids']).map((id) => String(id).toLowerCase()));
  const seen = [subscriptionId.toLowerCase(), tenantId].some((id) => ids.includes(id));
  const own = gallery.id.split('/')[2]?.toLowerCase() === subscriptionId.toLowerCase();
  return seen || own ? text(object(gallery.properties['identifier'])['uniqueName']) : undefined;
}

function communityName(gallery: Resource): string | undefined {
  const info = object(object(gallery.properties['sharingProfile'])['communityGalleryInfo']);
  return info['communityGalleryEnabled'] === true ? text(list(info['publicNames'])[0]) : undefined;
}

/** Galleries, definitions and versions as seen by those they are shared with. */
export function sharedGalleryRoutes(world: World): Route[] {
  const location = '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}';
  return [sharedFace, communityFace].flatMap((face): Route[] => {
    const gallery = `${location}/${face.path}/{unique}`;
    return [
      ...(face === sharedFace
        ? [
            {
              method: 'GET',
              path: `${location}/${face.path}`,
              handle: (_: unknown, p: Params) => listGalleries(world, p),
            },
          ]
        : []),
      { method: 'GET', path: gallery, handle: (_, p) => one(world, face, p, (found) => galleryAs(face, found, p)) },
      {
        method: 'GET',
        path: `${gallery}/images`,
        handle: (_, p) => one(world, face, p, (g) => images(world, face, g, p)),
      },
      { method: 'GET', path: `${gallery}/images/{image}`, handle: (_, p) => imageOf(world, face, p) },
      { method: 'GET', path: `${gallery}/images/{image}/versions`, handle: (_, p) => versions(world, face, p) },
      {
        method: 'GET',
        path: `${gallery}/images/{image}/versions/{version}`,
        handle: (_, p) => versionOf(world, face, p),
      },
    ];
  });
}

function galleries(world: World, face: Face, subscriptionId: string): [name: string, gallery: Resource][] {
  return Object.values(compute(world).resources).flatMap((r): [string, Resource][] => {
    const name = r.type === 'Microsoft.Compute/galleries' ? face.nameFor(r, subscriptionId) : undefined;
    return name ? [[name, r]] : [];
  });
}

function findGallery(world: World, face: Face, subscriptionId: string, unique: string): Resource | undefined {
  const found = galleries(world, face, subscriptionId).find(([name]) => key(name) === key(unique));
  return found?.[1];
}

function listGalleries(world: World, params: Params): SandboxResponse {
  const { subscriptionId = '' } = params;
  const found = galleries(world, sharedFace, subscriptionId);
  const value = found.map(([unique, g]) => galleryAs(sharedFace, g, { ...params, unique }));
  const headers = remaining('ListSharedGallery', 99, 999);
  return scopeError(world, subscriptionId) ?? { status: 200, headers, body: { value } };
}

/** Azure's wording for a gallery that is not shared with the caller is not recorded: this is the sandbox's. */
function unseen(face: Face, params: Params): SandboxResponse {
  const id = ['unique', 'image', 'version'].map((part) => params[part]).filter(Boolean);
  const message = `The resource '/${face.unique}/${id.join('/')}' was not found in location '${params['location']}', or it is not shared with the subscription '${params['subscriptionId']}'.`;
  return armError(404, 'NotFound', message);
}

function one(world: World, face: Face, params: Params, answer: (gallery: Resource) => object): SandboxResponse {
  const { subscriptionId = '', unique = '' } = params;
  const gallery = findGallery(world, face, subscriptionId, unique);
  if (!gallery) return scopeError(world, subscriptionId) ?? unseen(face, params);
  return { status: 200, headers: remaining('GetGallery', 349, 2499), body: answer(gallery) };
}

interface Seen {
  readonly face: Face;
  readonly params: Params;
  readonly kind: '' | 'Image' | 'ImageVersion';
  readonly name: string;
  readonly path: string;
}

/** What all of them have in common; a community's resources also have a type. */
function seen({ face, params, kind, name, path }: Seen, properties?: JsonObject) {
  const type = { type: `Microsoft.Compute/locations/communityGallery${kind}` };
  return {
    ...(properties && { properties }),
    location: regionName(params['location'] ?? ''),
    name,
    ...(face === communityFace && type),
    identifier: { uniqueId: `/${face.unique}/${params['unique']}${path}` },
  };
}

function galleryAs(face: Face, gallery: Resource, params: Params): object {
  const name = params['unique'] ?? '';
  const tags = gallery.tags && Object.keys(gallery.tags).length > 0 ? { artifactTags: gallery.tags } : undefined;
  const {
    publicNamePrefix: _,
    communityGalleryEnabled: __,
    ...communityMetadata
  } = object(object(gallery.properties['sharingProfile'])['communityGalleryInfo']);
  const properties = face === communityFace ? { ...tags, communityMetadata } : tags;
  return seen({ face, params, kind: '', name, path: '' }, properties);
}

function imageAs(face: Face, image: Resource, params: Params): object {
  const { provisioningState: _, description: __, ...shown } = image.properties;
  const properties = { recommended: {}, ...shown };
  return seen({ face, params, kind: 'Image', name: image.name, path: `/Images/${image.name}` }, properties);
}

function images(world: World, face: Face, gallery: Resource, params: Params): object {
  const prefix = `${key(gallery.id)}/images/`;
  const found = Object.entries(compute(world).resources).filter(
    ([id]) => id.startsWith(prefix) && !id.includes('/versions/'),
  );
  return { value: found.map(([, image]) => imageAs(face, image, params)) };
}

function findImage(world: World, face: Face, params: Params): Resource | undefined {
  const gallery = findGallery(world, face, params['subscriptionId'] ?? '', params['unique'] ?? '');
  return gallery && compute(world).resources[key(`${gallery.id}/images/${params['image']}`)];
}

function imageOf(world: World, face: Face, params: Params): SandboxResponse {
  const image = findImage(world, face, params);
  if (!image) return unseen(face, params);
  return { status: 200, headers: remaining('GetGalleryArtifact', 599, 2999), body: imageAs(face, image, params) };
}

/** Only versions with replicas in the location exist here. */
function found(world: World, face: Face, params: Params): Resource[] {
  const image = findImage(world, face, params);
  const all = image ? versionsOf(world, image.id).reverse() : [];
  return all.filter(
    (v) => v.properties['provisioningState'] !== 'Failed' && isReplicated(world, v, params['location'] ?? ''),
  );
}

function versions(world: World, face: Face, params: Params): SandboxResponse {
  if (!findImage(world, face, params)) return unseen(face, params);
  const value = found(world, face, params).map((version) => versionAs(face, version, params));
  return { status: 200, headers: remaining('ListGalleryArtifactVersions', 1499, 9999), body: { value } };
}

function versionOf(world: World, face: Face, params: Params): SandboxResponse {
  const version = found(world, face, params).find((v) => v.name === params['version']);
  if (!version) return unseen(face, params);
  const headers = remaining('GetGalleryArtifactVersion', 1999, 9999);
  return { status: 200, headers, body: versionAs(face, version, params) };
}

function versionAs(face: Face, version: Resource, params: Params): object {
  const profile = object(version.properties['publishingProfile']);
  const storage = object(version.properties['storageProfile']);
  const disk = ({ sizeInGB, hostCaching, lun }: JsonObject): JsonObject => ({
    ...(lun !== undefined && { lun }),
    diskSizeGB: sizeInGB ?? 30,
    hostCaching: hostCaching ?? 'ReadWrite',
  });
  const dataDisks = list(storage['dataDiskImages']).map(object).map(disk);
  const properties: JsonObject = {
    publishedDate: profile['publishedDate'] ?? null,
    ...(profile['endOfLifeDate'] !== undefined && { endOfLifeDate: profile['endOfLifeDate'] }),
    excludeFromLatest: profile['excludeFromLatest'] === true,
    storageProfile: {
      osDiskImage: disk(object(storage['osDiskImage'])),
      ...(dataDisks.length > 0 && { dataDiskImages: dataDisks }),
    },
  };
  const image = version.id.split('/').at(-3) ?? '';
  const path = `/Images/${image}/Versions/${version.name}`;
  return seen({ face, params, kind: 'ImageVersion', name: version.name, path }, properties);
}

/** The ARM id of what a VM names by `sharedGalleryImageId` or `communityGalleryImageId`; undefined when it is not seen. */
export function sharedImageId(world: World, subscriptionId: string, reference: JsonObject): string | undefined {
  const id = text(reference['sharedGalleryImageId']) ?? text(reference['communityGalleryImageId']) ?? '';
  const [, kind = '', unique = '', rest = ''] =
    /^\/(SharedGalleries|CommunityGalleries)\/([^/]+)(\/Images\/.+)$/i.exec(id) ?? [];
  const face = kind.toLowerCase() === 'communitygalleries' ? communityFace : sharedFace;
  const gallery = findGallery(world, face, subscriptionId, unique);
  return gallery && `${gallery.id}${rest}`;
}
