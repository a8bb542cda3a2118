import type { World } from '../../kernel/world';
import { key } from '../arm';
import { latestVersion } from '../compute/gallery-latest';
import { resourceGroups } from '../compute/groups';
import { isReplicated } from '../compute/replication';
import { compute } from '../compute/section';
import { baseGuest } from '../guest/base';
import { type Guest, guestOf } from '../guest/guest';
import { resolveImage } from '../marketplace/catalogue';
import type { ImageBuilderHooks } from './distribute';
import { downloadError } from './downloads';
import { type FitError, fitError } from './fit';
import { lacking, notAuthorizedTo, serviceMay } from './rights';
import { type JsonObject, listOf, objectOf, type Template, templates, textOf } from './section';
import { stagingGroupOf } from './staging';

/** Why a template could not be provisioned, in Image Builder's codes. */
export type ProvisioningError = FitError;

const ts = 'For more details, go to https://aka.ms/azvmimagebuilderts.';

/** What a template turns out to mean once Image Builder has looked at it: the exact source, or an error. */
export type Provisioned = { readonly exactVersion: string } | { readonly error: ProvisioningError };

const failed = (provisioningErrorCode: string, message: string): Provisioned => ({
  error: { provisioningErrorCode, message },
});

export function provision(world: World, template: Template, hooks: ImageBuilderHooks, atMs: number): Provisioned {
  const { properties } = template;
  const source = objectOf(properties['source']);
  const resolved = resolveSource(world, source, template.location, atMs);
  if ('error' in resolved) return resolved;
  const isWindows = Boolean(guestOfSource(world, source, resolved.exactVersion)?.registry);
  return (
    stepsError('Customizer', listOf(properties['customize']), isWindows) ??
    stepsError('Validator', listOf(objectOf(properties['validate'])['inVMValidations']), isWindows) ??
    distributeError(world, listOf(properties['distribute']), hooks) ??
    rightsError(world, template) ??
    stagingError(world, template) ??
    unfit(fitError(world, template) ?? downloadError(world, template)) ??
    resolved
  );
}

const unfit = (error: FitError | undefined): Provisioned | undefined => error && { error };

/** The exact version that a source means at a moment. */
export function resolveSource(world: World, source: JsonObject, location: string, atMs: number): Provisioned {
  const type = textOf(source['type']);
  if (type === 'PlatformImage') return platformImage(source, location, atMs);
  if (type === 'SharedImageVersion') return sharedImage(world, textOf(source['imageVersionId']), location);
  if (type === 'ManagedImage') {
    return managedImage(world, textOf(source['imageId']), location);
  }
  return failed('BadSourceType', `Source type '${type}' is not supported. ${ts}`);
}

function platformImage(source: JsonObject, location: string, atMs: number): Provisioned {
  const image = {
    publisher: textOf(source['publisher']),
    offer: textOf(source['offer']),
    sku: textOf(source['sku']),
    version: textOf(source['version']) || 'latest',
  };
  const found = resolveImage(image, atMs);
  // What it says about a deprecated image is not known; people report this for plans all of whose images are.
  if (found && found.image.state !== 'Deprecated') return { exactVersion: found.image.version };
  const { publisher, offer, sku, version } = image;
  const message = `Platform Image was not found. location: ${location}, publisherName: ${publisher}, offer: ${offer}, sku: ${sku}, version: ${version}. Please check the specified source image version in Image Builder Template exists. For information on how to check available versions, types, review https://aka.ms/azvmimagebuilderts.`;
  return failed('BadPIRSource', message);
}

/** Documented: it must be in the region of the template; the words are not. */
function managedImage(world: World, id: string, location: string): Provisioned {
  const image = compute(world).resources[key(id)];
  if (!guestOf(world, id)) {
    return failed('BadManagedImageSource', `Error getting Managed Image '${id}': The Resource was not found. ${ts}`);
  }
  if (!image || key(image.location) === key(location)) return { exactVersion: id };
  const message = `The Managed Image '${id}' is in ${image.location}; it must be in the region of the image template, ${location}. ${ts}`;
  return failed('BadManagedImageSource', message);
}

/** Documented: a version must have been replicated to the region of the template; the words are not. */
function sharedImage(world: World, id: string, location: string): Provisioned {
  const bad = (why: string) =>
    failed(
      'BadSharedImageVersionSource',
      `Build (Shared Image Version) step failed for Image Version '${id}': ${why} ${ts}`,
    );
  const definition = id.replace(/\/versions\/[^/]*$/i, '');
  const exact = /\/versions\/latest$/i.test(id) ? latestVersion(world, definition, location)?.id : id;
  const name = id.split('/').at(-1);
  if (!exact || !guestOf(world, exact))
    return bad(`Error getting image version '${name}': The Resource was not found.`);
  const version = compute(world).resources[key(exact)];
  if (!version || isReplicated(world, version, location)) return { exactVersion: exact };
  return bad(`The image version is not replicated to ${location}, the region of the image template.`);
}

const linuxSteps = ['Shell', 'File'];
const windowsSteps: Readonly<Record<string, readonly string[]>> = {
  Customizer: ['PowerShell', 'File', 'WindowsRestart', 'WindowsUpdate'],
  Validator: ['PowerShell', 'File'],
};

/** Customizers and validators obey the same rules under different names. */
function stepsError(
  what: 'Customizer' | 'Validator',
  steps: readonly JsonObject[],
  isWindows: boolean,
): Provisioned | undefined {
  const all = new Set([...linuxSteps, ...(windowsSteps[what] ?? [])]);
  for (const step of steps) {
    const type = textOf(step['type']);
    const name = textOf(step['name']);
    if (!all.has(type)) return failed(`Bad${what}Type`, `${what} type '${type}' of '${name}' is not valid. ${ts}`);
    const supported = isWindows ? windowsSteps[what] : linuxSteps;
    if (!supported?.includes(type)) {
      return failed(
        `Unsupported${what}Type`,
        `${what} type '${type}' of '${name}' is not supported for the OS of the source image. ${ts}`,
      );
    }
    const script = Array.isArray(step['inline']) && step['inline'].length > 0 ? 'inline' : textOf(step['scriptUri']);
    if ((type === 'Shell' || type === 'PowerShell') && !script) {
      return failed(`No${what}Script`, `${what} '${name}' has neither 'inline' nor 'scriptUri'. ${ts}`);
    }
    if (type === 'File' && !(textOf(step['sourceUri']) && textOf(step['destination']))) {
      return failed(`No${what}Script`, `${what} '${name}' needs 'sourceUri' and 'destination'. ${ts}`);
    }
  }
  return undefined;
}

function distributeError(
  world: World,
  outputs: readonly JsonObject[],
  hooks: ImageBuilderHooks,
): Provisioned | undefined {
  for (const output of outputs) {
    const type = textOf(output['type']);
    if (!['SharedImage', 'ManagedImage', 'VHD'].includes(type)) {
      return failed('BadDistributeType', `Distribute type '${type}' is not valid. ${ts}`);
    }
    if (type !== 'SharedImage') continue;
    const id = textOf(output['galleryImageId']).replace(/\/versions\/.*$/i, '');
    if (hooks.definitionExists?.(world, id) ?? true) continue;
    const message = `Not able to get the image definition '${id}' to distribute to: The Resource was not found. Please check that it exists and that the user assigned identity has the correct permissions. ${ts}`;
    return failed('BadSharedImageDistribute', message);
  }
  return undefined;
}

const writeVersion = 'Microsoft.Compute/galleries/images/versions/write';

/** The identity must be able to put versions into every definition that is named. */
function rightsError(world: World, template: Template): Provisioned | undefined {
  const definitions = listOf(template.properties['distribute'])
    .filter((output) => output['type'] === 'SharedImage')
    .map((output) => textOf(output['galleryImageId']).replace(/\/versions\/.*$/i, ''));
  const closed = lacking(
    world,
    template,
    definitions.map((scope) => ({ action: writeVersion, scope })),
  );
  return closed && failed('BadSharedImageDistribute', `${notAuthorizedTo(closed.scope)} ${ts}`);
}

/** Seen for a group that another template builds in: nothing is named. */
const internalError: FitError = {
  code: 'InternalOperationError',
  provisioningErrorCode: 'InternalOperationError',
  message: 'Internal error occurred.',
};

/** A staging group of one's own must be near, and empty. The words are not documented. */
function stagingError(world: World, template: Template): Provisioned | undefined {
  const given = stagingGroupOf(template);
  if (!given) return undefined;
  const bad = (why: string) => failed('BadStagingResourceGroup', `The staging resource group '${given}' ${why} ${ts}`);
  if (!key(given).startsWith(`/subscriptions/${key(template.subscriptionId)}/`)) {
    return bad('must be in the subscription of the image template.');
  }
  const group = resourceGroups(world)[key(given)];
  if (group && group.location !== template.location) {
    return bad(`is in ${group.location}; it must be in the region of the image template, ${template.location}.`);
  }
  if (group && !mayStage(world, template, given)) {
    return bad('exists, and the identity of the image template is neither Contributor nor Owner of it.');
  }
  const used = (id: string) => id.startsWith(`${key(given)}/providers/`);
  const isUsed = Object.keys(compute(world).resources).some(used);
  const isShared = Object.values(templates(world)).some(
    (t) => t !== template && key(t.staging?.groupId ?? '') === key(given),
  );
  if (isShared) return { error: internalError };
  return isUsed ? bad('must be empty.') : undefined;
}

/** What Contributors and Owners may do in a group, and lesser roles of Image Builder's do not include. */
const stage = 'Microsoft.Storage/storageAccounts/write';

const mayStage = (world: World, template: Template, scope: string): boolean =>
  !lacking(world, template, [{ action: stage, scope }]);

/** In a group where nobody of its side may do anything Image Builder prepares a template for ever. */
export function preparesForEver(world: World, template: Template): boolean {
  const scope = stagingGroupOf(template);
  if (resourceGroups(world)[key(scope)] === undefined) return false;
  return !mayStage(world, template, scope) && !serviceMay(world, { action: stage, scope });
}

/** The guest a build starts from: the marketplace image's or the gallery version's. */
export function sourceGuest(world: World, template: Template): Guest | undefined {
  const source = objectOf(template.properties['source']);
  return guestOfSource(world, source, textOf(source['exactVersion']));
}

function guestOfSource(world: World, source: JsonObject, exactVersion: string): Guest | undefined {
  if (source['type'] !== 'PlatformImage') return guestOf(world, textOf(source['imageId']) || exactVersion);
  const [publisher = '', offer = '', sku = ''] = ['publisher', 'offer', 'sku'].map((f) => textOf(source[f]));
  return baseGuest({ publisher, offer, sku, version: exactVersion });
}
