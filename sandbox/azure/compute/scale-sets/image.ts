import type { SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key } from '../../arm';
import { removeGuest } from '../../guest/guest';
import { invalidParameter } from '../errors';
import { softDeleted } from '../gallery-soft-delete';
import { regionName } from '../regions';
import { type JsonObject, object, type Resource, text } from '../resource';
import { compute } from '../section';
import { type DeployedImage, deployedImage, notAvailable } from '../vm-image';
import { followedImage, isAutomatic, isFlexible, modelReference, profileOf } from './sets';

/** What an instance gets from a set's model now, or Azure's refusal: a version that is gone, or is not in the region. */
export function imageOf(
  world: World,
  set: Resource,
  reference: JsonObject = modelReference(set),
): DeployedImage | SandboxResponse {
  const subscriptionId = set.id.split('/')[2] ?? '';
  const region = regionName(set.location);
  const id = text(reference['id']) ?? '';
  // Documented: soft delete does not go together with flexible sets. That it shows itself so is our reading.
  if (isFlexible(set) && softDeleted(world, id)) return notAvailable(id, region);
  return deployedImage(world, reference, { subscriptionId, region });
}

/** Why the model of a set cannot have this image; undefined when it can, or when it is the one that it has. */
export function imageProblem(world: World, set: Resource, changed: Resource): SandboxResponse | undefined {
  const [before, after] = [modelReference(set), modelReference(changed)];
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  if (text(after['id']) !== undefined && text(after['version']) !== undefined) {
    const message = "The property 'imageReference.id' cannot be used together with property 'imageReference.version'.";
    return invalidParameter(message, 'imageReference');
  }
  if (isPlatform(before) !== isPlatform(after)) {
    const message = 'The Image type for a Virtual Machine Scale Set may not be changed.';
    return armError(409, 'OperationNotAllowed', message);
  }
  const image = imageOf(world, set, after);
  if ('status' in image) return image;
  return misfit(set, imageOf(world, set), image) ?? notLatest(changed);
}

const isPlatform = (reference: JsonObject): boolean => text(reference['publisher']) !== undefined;

/** Sets with automatic upgrades cannot stay on one version. */
export function notLatest(set: Resource): SandboxResponse | undefined {
  if (!isAutomatic(set) || followedImage(set) !== undefined) return undefined;
  if (isPlatform(modelReference(set)) && modelReference(set)['version'] === 'latest') return undefined;
  const message =
    "virtualMachineScaleSets with Automatic OS Upgrade enabled must use Platform or Gallery Image with version set to 'latest'.";
  return armError(400, 'BadRequest', message);
}

/** The words of the OS state are documented; the others are the sandbox's in the same form. */
function misfit(
  set: Resource,
  before: DeployedImage | SandboxResponse,
  image: DeployedImage,
): SandboxResponse | undefined {
  const osType = text(object(object(profileOf(set)['storageProfile'])['osDisk'])['osType']);
  if (osType !== undefined && osType !== image.osType) return differs(set, 'OS type', osType, image.osType);
  if ('status' in before) return undefined;
  const state = ({ specialized = false }: DeployedImage) => (specialized ? 'Specialized' : 'Generalized');
  if (state(before) !== state(image)) return differs(set, 'OS state', state(before), state(image));
  const [then, now] = [before, image].map(({ hyperVGeneration = 'V2' }) => hyperVGeneration);
  if (then !== now) return differs(set, 'hyper-V generation', String(then), String(now));
  const luns = ({ dataDisks = [] }: DeployedImage) => dataDisks.map(({ lun }) => lun).join(', ') || 'none';
  return luns(before) === luns(image) ? undefined : differs(set, 'data disks', luns(before), luns(image));
}

function differs({ name }: Resource, what: string, before: string, after: string): SandboxResponse {
  const message = `Cannot update Virtual Machine Scale Set '${name}' as the current ${what} '${before}' is different from the updated gallery image ${what} '${after}'.`;
  return armError(409, 'PropertyChangeNotAllowed', message);
}

/** The instance gets a new disk from the image, under its own name and number; what was done inside is lost. */
export function giveDisk(world: World, set: Resource, instance: Resource, image: DeployedImage): void {
  instance.properties['storageProfile'] = {
    ...object(instance.properties['storageProfile']),
    imageReference: image.reference,
  };
  removeGuest(world, instance.id);
  if (!isFlexible(set)) return;
  const osDisk = object(object(instance.properties['storageProfile'])['osDisk']);
  const disk = compute(world).resources[key(text(object(osDisk['managedDisk'])['id']) ?? '')];
  if (disk) disk.properties['creationData'] = { createOption: 'FromImage', ...image.creation };
}
