import type { GalleryRef } from '../azure';
import { call } from '../command-call';
import { UserError } from '../errors';
import type { GallerySharing } from './holdings';

/** Somebody with whom Azure shares a gallery directly. Azure takes any GUID: it looks nobody up. */
export interface Sharee {
  readonly kind: 'subscription' | 'tenant';
  /** A GUID in lower case. */
  readonly id: string;
}

/** With how many of each kind Azure shares one gallery. */
export const mostSharees: Readonly<Record<Sharee['kind'], number>> = { subscription: 30, tenant: 5 };

/** Everybody with whom a gallery is shared, subscriptions first. */
export function shareesOf({
  subscriptions,
  tenants,
}: Pick<GallerySharing, 'subscriptions' | 'tenants'>): readonly Sharee[] {
  const all = (kind: Sharee['kind'], ids: readonly string[]) => ids.map((id) => ({ kind, id: id.toLowerCase() }));
  return [...all('subscription', subscriptions), ...all('tenant', tenants)];
}

export function isSharedWith(sharing: GallerySharing, { kind, id }: Sharee): boolean {
  return shareesOf(sharing).some((one) => one.kind === kind && one.id === id.toLowerCase());
}

/** How somebody with whom a gallery is shared names the newest version of an image of it. */
export function sharedImageId(uniqueName: string, definition: string): string {
  return `/SharedGalleries/${uniqueName}/Images/${definition}/Versions/latest`;
}

/** In lower case; undefined for what is none. */
export function guidOf(text: string): string | undefined {
  const guid = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(guid) ? guid : undefined;
}

/** As people know it: `subscription Payments (1c0…)`. */
export function shareeWords({ kind, id, name }: Sharee & { readonly name?: string }): string {
  return name === undefined ? `${kind} ${id}` : `${kind} ${name} (${id})`;
}

/** A share that somebody asks for. */
export interface ShareAsked {
  readonly gallery: GalleryRef;
  /** Name in the catalogue. */
  readonly image: string;
  readonly to: Sharee & { readonly ours?: boolean };
}

/**
 * With whom it is shared now, if it can be shared with that one.
 *
 * @throws UserError `NOT_SHAREABLE`: with the exact steps where a gallery was not made for it.
 */
export function refuseToShare(sharing: GallerySharing | undefined, asked: ShareAsked): GallerySharing {
  const { gallery, image, to } = asked;
  if (!sharing) {
    throw new UserError('AZ_NOT_FOUND', `There is no gallery ${gallery.gallery}.`, {
      hint: 'Check the names in catalog/azure.yaml.',
    });
  }
  if (sharing.madeFor !== 'groups') throw notMadeForIt(sharing, asked);
  const others = shareesOf(sharing).filter(({ kind }) => kind === to.kind);
  if (others.length < mostSharees[to.kind] || isSharedWith(sharing, to)) return sharing;
  throw new UserError(
    'NOT_SHAREABLE',
    `The gallery ${gallery.gallery} is shared with ${others.length} ${to.kind}s already; Azure takes no more.`,
    { hint: 'Take it from one that no longer needs it.', next: [call('access', { image })] },
  );
}

function notMadeForIt({ madeFor }: GallerySharing, { gallery: { gallery, resourceGroup }, image, to }: ShareAsked) {
  const is = madeFor === 'private' ? 'private' : 'a community gallery, which everybody in Azure can use';
  const make = `az sig create --resource-group ${resourceGroup} --gallery-name ${gallery}_shared --permissions groups`;
  const another = `For direct sharing an administrator makes another gallery with “${make}”, names it in catalog/azure.yaml, and the next versions are published there.`;
  const theirs =
    'Without it, a pipeline of the other organisation deploys with tokens of both tenants: register a multitenant application, consent to it in both, and give it “Compute Gallery Image Reader” on the image.';
  const ours = to.ours !== false;
  const within = 'Inside your own tenant a group can be given the image by itself.';
  return new UserError(
    'NOT_SHAREABLE',
    `The gallery ${gallery} is ${is}: what Azure shares directly is settled when a gallery is made, and was not here.`,
    {
      hint: [ours ? within : theirs, another].join(' '),
      next: ours ? [call('grant', { right: 'view', image }, 'group')] : [call('access', { image })],
    },
  );
}
