import { sha256 } from '../hash';
import type { Permission } from '../preflight';
import { actionOf, type ImageRight } from './holdings';

/** A role that gives groups one right to an image, and nothing else. */
export interface ImageRole {
  readonly name: string;
  /** One sentence, as Azure shows it. */
  readonly description: string;
  readonly actions: readonly string[];
  /** The id that Azure's own role has everywhere; the others are made once, from deploy/roles/. */
  readonly builtIn?: string;
}

const images = 'Microsoft.Compute/galleries/images';

export const imageRoles: Readonly<Record<ImageRight, ImageRole>> = {
  view: {
    name: 'Compute Gallery Image Reader',
    description: 'Reads images and their versions, and so deploys them.',
    actions: [`${images}/read`, actionOf.view],
    builtIn: 'cf7c76d2-98a3-4358-a134-615aa78bf44d',
  },
  create: {
    name: 'golden-image-creator',
    description: 'Adds versions to a golden image, and changes what they say.',
    actions: [`${images}/read`, actionOf.view, actionOf.create],
  },
  delete: {
    name: 'golden-image-deleter',
    description: 'Deletes versions of a golden image.',
    actions: [actionOf.view, actionOf.delete],
  },
};

/** Whether a role that goes by the name of one of these allows just what it should: nobody is given more by accident. */
export function isExactly({ actions }: ImageRole, permissions: readonly Permission[]): boolean {
  const [only, ...others] = permissions;
  if (!only || others.length > 0 || only.notActions.length > 0) return false;
  const sorted = (all: readonly string[]) => all.map((action) => action.toLowerCase()).sort();
  return sorted(only.actions).join() === sorted(actions).join();
}

/** What an administrator runs when a role is not there. */
export function makeRoleCommand({ name }: ImageRole): string {
  return `az role definition create --role-definition deploy/roles/${name}.json`;
}

/** One group's right to one image. */
export interface GrantAsked {
  /** Id of the image's definition. */
  readonly scope: string;
  /** Ids without what stands before them. */
  readonly role: string;
  readonly group: string;
}

/**
 * The name of the assignment that gives it, a GUID as Azure wants it: the same grant is the same assignment, whoever asks
 * and however often, and goldbot knows by it what it gave itself.
 */
export function grantName({ scope, role, group }: GrantAsked): string {
  const hex = sha256(`goldbot grant ${scope} ${role} ${group}`.toLowerCase());
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `${a}-${b}-4${c}-8${d}-${e}`;
}
