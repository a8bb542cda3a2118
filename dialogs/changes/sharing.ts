import { noticeCard } from '../../cards';
import type { GalleryRef } from '../../core/azure';
import type { AzureConfig } from '../../core/catalogue';
import { cloudsOfRegion } from '../../core/cloud';
import { type CommandCall, call, exampleCall, type Values } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  type GallerySharing,
  guidOf,
  isSharedWith,
  refuseToShare,
  type Sharee,
  shareesOf,
  shareeWords,
} from '../../core/image-access';
import type { NamedSharee, SharePlan } from '../../core/runs';
import { type Answer, type CommandContext, type Deps, imageName, textArg, word } from '../conversation';
import { imageOf } from '../present';
import { endOf } from './access';
import { joinFlag } from './joining';
import { byAdmins, startChange } from './start';
import { isAnswer } from './target';

/** What `share` and `unshare` take beside the kind of those who are meant. */
export const shareArgs = {
  image: imageName,
  id: word('Id of the subscription or tenant', 'id', {
    example: '1c0d3f7a-0000-4000-8000-000000000001',
  }).optional(),
  reason: textArg('Reason').optional(),
  join: joinFlag,
};

interface Asked {
  readonly image: string;
  readonly id?: string | undefined;
  readonly reason?: string | undefined;
  readonly join: boolean;
}

export interface ShareAsked extends Asked {
  readonly with: Sharee['kind'] | 'community';
  readonly until?: string | undefined;
}

export interface UnshareAsked extends Asked {
  readonly with: Sharee['kind'] | 'everybody';
  readonly losing?: number | undefined;
}

/** Asks admins to share the gallery of an image with a subscription or a tenant. */
export async function shareGallery(ctx: CommandContext, asked: ShareAsked, deps: Deps): Promise<Answer> {
  if (asked.with === 'community') throw neverToAll(asked.image);
  const { azure } = deps.catalogue();
  const found = galleryOf(asked.image, deps);
  refuseInCloud(azure);
  const one = shareeOf('share', { ...asked, with: asked.with });
  refuseItself(one, found.gallery);
  const again = (more: Values = {}) => sayAgain('share', asked, { id: one.id, ...more });
  const until = asked.until === undefined ? undefined : endOf({ until: asked.until, again: again() }, ctx.now);
  const [to, sharing] = await Promise.all([named(one, deps), deps.read.gallerySharing(found.gallery)]);
  refuseToShare(sharing, { ...found, to });
  const plan: SharePlan = {
    ...planOf('share', found, asked, to),
    ...(until && { until: until.toISOString() }),
    approval: byAdmins(deps.catalogue()),
  };
  return startChange(ctx, plan, deps, { join: asked.join, call: again({ join: true }) });
}

/** Asks admins to take a share back: from one of them, or, once the number was typed, from everybody and for good. */
export async function unshareGallery(ctx: CommandContext, asked: UnshareAsked, deps: Deps): Promise<Answer> {
  const found = galleryOf(asked.image, deps);
  const to = await takenFrom(asked, found, deps);
  if (isAnswer(to)) return to;
  const plan: SharePlan = { ...planOf('unshare', found, asked, to), approval: byAdmins(deps.catalogue()) };
  const again = sayAgain('unshare', asked, {
    ...(to.kind !== 'everybody' && { id: to.id }),
    ...(asked.losing !== undefined && { losing: asked.losing }),
    join: true,
  });
  return startChange(ctx, plan, deps, { join: asked.join, call: again });
}

type Found = ReturnType<typeof galleryOf>;

function galleryOf(name: string, deps: Deps) {
  const { image, ref } = imageOf(deps.catalogue(), name);
  const { definition, ...gallery } = ref;
  return { image: image.name, definition, gallery };
}

function planOf<Verb extends SharePlan['verb']>(
  verb: Verb,
  { image, definition, gallery }: Found,
  { reason }: Asked,
  to: SharePlan['to'],
) {
  const target = `the gallery ${gallery.gallery}`;
  return { verb, target, team: null, image, definition, gallery, to, ...(reason !== undefined && { reason }) };
}

function sayAgain(verb: 'share' | 'unshare', asked: ShareAsked | UnshareAsked, more: Values): CommandCall {
  const { image, reason } = asked;
  const until = 'until' in asked && asked.until !== undefined ? { until: asked.until } : {};
  return call(verb, { image, with: asked.with, ...until, ...(reason !== undefined && { reason }), ...more });
}

/** Golden images hold what the organisation's machines are made of. */
function neverToAll(image: string): UserError {
  const what =
    'goldbot shares no gallery with the community: everybody in Azure could read what your machines are made of.';
  return new UserError('NOT_SHAREABLE', what, {
    hint: 'Share it with the subscription or tenant that needs it, with an end.',
    next: [exampleCall('share', { image, with: 'subscription', id: exampleId, until: '+3mo' })],
  });
}

const exampleId = '1c0d3f7a-0000-4000-8000-000000000001';

function refuseInCloud({ location }: AzureConfig): void {
  if (cloudsOfRegion(location).includes('Public')) return;
  throw new UserError('NOT_SHAREABLE', 'Azure shares no galleries directly in national clouds.', {
    hint: 'Give a group the right to the image instead.',
    next: [call('grant', { right: 'view' }, 'group', 'image')],
  });
}

/** @throws UserError `BAD_COMMAND` for what is no id: Azure would take it, and share with nobody. */
function shareeOf(
  verb: 'share' | 'unshare',
  {
    image,
    with: kind,
    id,
  }: { readonly image: string; readonly with: Sharee['kind']; readonly id?: string | undefined },
): Sharee {
  const guid = id === undefined ? undefined : guidOf(id);
  if (guid !== undefined) return { kind, id: guid };
  const problem =
    id === undefined ? `Which ${kind} is meant was not said` : `“${id.slice(0, 60)}” is not the id of a ${kind}`;
  throw new UserError('BAD_COMMAND', `${problem}; nothing was asked for.`, {
    hint: `Write its id as Azure has it: “az account show --query ${kind === 'tenant' ? 'tenantId' : 'id'}” says it.`,
    next: [exampleCall(verb, { image, with: kind, id: exampleId })],
  });
}

function refuseItself({ kind, id }: Sharee, { subscription, gallery }: GalleryRef): void {
  if (kind !== 'subscription' || id !== subscription.toLowerCase()) return;
  throw new UserError('BAD_COMMAND', `The gallery ${gallery} is in that subscription already; nothing was asked for.`, {
    hint: 'Name another subscription.',
  });
}

/** As far as goldbot knows it. Azure says the same of a subscription of others and of one that is not there. */
async function named(sharee: Sharee, { read, tenants }: Pick<Deps, 'read' | 'tenants'>): Promise<NamedSharee> {
  const isOurs = (tenant: string) => tenants.some((one) => one.toLowerCase() === tenant.toLowerCase());
  if (sharee.kind === 'tenant') return { ...sharee, ours: isOurs(sharee.id) };
  const found = await read.subscription(sharee.id).catch(unseen);
  return found ? { ...sharee, name: found.name, ours: isOurs(found.tenant) } : sharee;
}

function unseen(error: unknown): undefined {
  if (!isUserError(error) || (error.code !== 'AZ_FORBIDDEN' && error.code !== 'AZ_NOT_FOUND')) throw error;
}

/** From whom it is taken; a card where that has yet to be agreed to. */
async function takenFrom(asked: UnshareAsked, found: Found, deps: Deps): Promise<SharePlan['to'] | Answer> {
  const { gallery } = found.gallery;
  if (asked.with !== 'everybody') {
    const one = shareeOf('unshare', { ...asked, with: asked.with });
    const [to, sharing] = await Promise.all([named(one, deps), deps.read.gallerySharing(found.gallery)]);
    if (sharing && isSharedWith(sharing, to)) return to;
    throw notShared(`The gallery ${gallery} is not shared with ${shareeWords(to)}`, asked.image, sharing);
  }
  const sharing = await deps.read.gallerySharing(found.gallery);
  if (sharing?.madeFor === 'community') throw communityOf(found);
  const losing = sharing ? shareesOf(sharing) : [];
  if (losing.length === 0) throw notShared(`The gallery ${gallery} is shared with nobody`, asked.image, sharing);
  return asked.losing === losing.length && asked.reason !== undefined
    ? { kind: 'everybody', losing }
    : resetPlan(asked, { gallery, losing });
}

function notShared(what: string, image: string, sharing: GallerySharing | undefined): UserError {
  const those = sharing ? shareesOf(sharing).slice(0, 3) : [];
  return new UserError('NOT_SHAREABLE', `${what}: there is nothing to take back.`, {
    hint: 'See with whom it is shared.',
    next: [...those.map(({ kind, id }) => call('unshare', { image, with: kind, id })), call('access', { image })],
  });
}

function communityOf({ gallery: { gallery, resourceGroup }, image }: Found): UserError {
  const reset = `az sig share reset --gallery-name ${gallery} --resource-group ${resourceGroup}`;
  return new UserError(
    'NOT_SHAREABLE',
    `The gallery ${gallery} is shared with everybody in Azure, which goldbot neither does nor undoes.`,
    {
      hint: `An administrator takes it back with “${reset}”; machines of others that were made from it run on.`,
      next: [call('access', { image })],
    },
  );
}

/** Nobody does this by accident: who loses it is listed, and their number typed. */
function resetPlan(
  { image, losing: typed, reason }: UnshareAsked,
  { gallery, losing }: { readonly gallery: string; readonly losing: readonly Sharee[] },
): Answer {
  const wrong =
    typed === undefined || typed === losing.length ? [] : [`${typed} was typed, and ${losing.length} have it.`];
  const [one] = losing;
  return noticeCard({
    message: `Everybody would lose the gallery ${gallery}, for good`,
    details: [
      ...wrong,
      `${losing.length} ${losing.length === 1 ? 'has' : 'have'} it: ${losing.map(shareeWords).join(', ')}.`,
      'Azure calls this a reset: the gallery becomes private and can never be shared directly again.',
      'What was made from its images runs on; scale sets that name them can no longer grow.',
      `Nothing was asked for. Whoever means it types how many lose it, and why${reason === undefined ? '' : ` (“${reason}”)`}.`,
    ],
    next: [
      call('unshare', { image, with: 'everybody' }, 'losing', 'reason'),
      ...(one ? [call('unshare', { image, with: one.kind, id: one.id })] : []),
      call('access', { image }),
    ],
  });
}
