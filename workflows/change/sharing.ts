import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  type GallerySharing,
  isSharedWith,
  refuseToShare,
  type Sharee,
  sharedImageId,
  shareesOf,
  shareeWords,
} from '../../core/image-access';
import { type NamedSharee, type SharePlan, shareName } from '../../core/runs';
import { type AccessEnds, beforeGiving, ending, endWords, takeBack, untilWords } from './ends';
import { act, type ChangeContext, type ChangeKind, type Next, waits } from './stages';

/** Shares galleries with subscriptions and tenants, and takes that back: from one of them, or from everybody for good. */

interface ShareDeps {
  readonly ends: AccessEnds;
}

export const share = ({ ends }: ShareDeps): ChangeKind<SharePlan> => ({
  async survey({ read }, plan) {
    const to = onlyOne(plan);
    const [sharing, definitions] = await Promise.all([
      read.gallerySharing(plan.gallery),
      read.definitions(plan.gallery),
    ]);
    const has = isSharedWith(refuseToShare(sharing, { ...plan, to }), to);
    return {
      before: has ? `has it ${untilWords(await ends.of(nameOf(plan, to)))}` : 'does not have it',
      warnings: [wholeWords(definitions.map(({ name }) => name)), ...strangerWords(to), endWords(plan, 'share')],
    };
  },

  async next(context, plan): Promise<Next> {
    const to = onlyOne(plan);
    const sharing = refuseToShare(await context.read.gallerySharing(plan.gallery), { ...plan, to });
    const isThere = isSharedWith(sharing, to);
    const first = await beforeGiving(ends, nameOf(plan, to), plan, { now: context.now, isThere });
    if (first) return first;
    if (isThere) return settled(sharing, sharedWords(plan, to, sharing));
    return askOnce(context, sharing, {
      progress: `sharing ${plan.target}`,
      change: () => context.write.shareGallery(plan.gallery, { add: bare(to) }),
    });
  },
});

export const unshare = ({ ends }: ShareDeps): ChangeKind<SharePlan> => ({
  async survey({ read }, plan) {
    const sharing = await read.gallerySharing(plan.gallery);
    const { to } = plan;
    if (to.kind === 'everybody') return surveyReset(plan, sharing, to.losing);
    const has = sharing !== undefined && isSharedWith(sharing, to);
    return {
      before: has ? `has it ${untilWords(await ends.of(nameOf(plan, to)))}` : 'does not have it',
      warnings: has ? [losingWords] : [],
    };
  },

  async next(context, plan): Promise<Next> {
    const sharing = await context.read.gallerySharing(plan.gallery);
    const { to } = plan;
    if (to.kind === 'everybody') return reset({ context, plan, ends, sharing, losing: to.losing });
    return takeBack(context, plan, {
      ...{ ends, name: nameOf(plan, to), found: sharing && isSharedWith(sharing, to) ? sharing : undefined },
      take: (found) =>
        askOnce(context, found, {
          progress: `taking back ${plan.target}`,
          change: () => context.write.shareGallery(plan.gallery, { remove: bare(to) }),
        }),
      renewed: (kept) =>
        `${shareeWords(to)} was given it again meanwhile: it has ${plan.target} ${untilWords(kept)}. Nothing was taken back.`,
      taken: () => settled(sharing, `${shareeWords(to)} no longer has ${plan.target}. ${losingWords}`),
    });
  },
});

const losingWords = 'What was made from its images runs on; scale sets there that name them can no longer grow.';

function surveyReset(plan: SharePlan, sharing: GallerySharing | undefined, losing: readonly Sharee[]) {
  const now = sharing ? shareesOf(sharing) : [];
  if (sharing?.madeFor !== 'groups' || !isSame(now, losing)) {
    throw new UserError('NOT_SHAREABLE', `With whom ${plan.target} is shared has just changed; nothing was changed.`, {
      hint: 'See with whom it is shared now, then ask again.',
      next: [call('access', { image: plan.image })],
    });
  }
  return {
    before: `shared with ${losing.length}`,
    warnings: [
      `These lose it: ${losing.map(shareeWords).join(', ')}.`,
      `Azure makes ${plan.target} private for good: it can never be shared directly again.`,
      losingWords,
    ],
  };
}

interface Resetting {
  readonly context: ChangeContext;
  readonly plan: SharePlan;
  readonly ends: AccessEnds;
  readonly sharing: GallerySharing | undefined;
  readonly losing: readonly Sharee[];
}

/** Whoever was given it since it was agreed to does not lose it unasked. */
async function reset({ context, plan, ends, sharing, losing }: Resetting): Promise<Next> {
  if (sharing?.madeFor === 'groups') {
    const [other] = shareesOf(sharing).filter((one) => !losing.some((known) => isSharee(known, one)));
    if (other) {
      return {
        kind: 'failed',
        why: `since it was agreed to, ${plan.target} was shared with ${shareeWords(other)} as well: ask again`,
      };
    }
    return askOnce(context, sharing, {
      progress: `taking ${plan.target} from everybody`,
      change: () => context.write.shareGallery(plan.gallery, 'reset'),
    });
  }
  const names = losing.map((one) => shareName(plan.gallery, one));
  const kept = await Promise.all(names.map((name) => ends.of(name)));
  if (kept.some((at) => at !== undefined)) {
    return act('forgetting their ends', async () => {
      for (const name of names) await ends.drop(name);
    });
  }
  return {
    kind: 'so',
    outcome: `Nobody has ${plan.target} by direct sharing any more, and nobody can get it. ${losingWords}`,
  };
}

/**
 * Azure takes a minute, and few such requests: it is asked once and waited for, and nothing is asked while it is at one. A
 * replica that dies before it could note that asks once more, which changes nothing.
 */
function askOnce(
  { run, now }: ChangeContext,
  sharing: GallerySharing,
  { progress, change }: { readonly progress: string; readonly change: () => Promise<void> },
): Next {
  const { asked = {} } = run.data;
  const { unsettled = [] } = sharing;
  const isAtIt = unsettled.some(({ failed }) => !failed);
  if (asked[sharingMark] !== undefined && unsettled.length > 0 && !isAtIt) return settled(sharing, progress);
  if (isAtIt || asked[sharingMark] !== undefined) return { kind: 'wait', progress, wait: waits.sharing };
  return {
    kind: 'do',
    progress,
    act: async () => {
      await change();
      return { asked: { ...asked, [sharingMark]: now.toISOString() } };
    },
  };
}

const sharingMark = 'sharing';

/** Azure takes it from region to region. */
function settled(sharing: GallerySharing | undefined, outcome: string): Next {
  const { unsettled = [] } = sharing ?? {};
  const [failed] = unsettled.filter((one) => one.failed);
  if (failed) {
    const said = failed.said === undefined ? '' : `: ${failed.said}`;
    return { kind: 'failed', why: `Azure accepted it, and it is not so in ${failed.region}${said}` };
  }
  const [open] = unsettled;
  if (open) return { kind: 'wait', progress: `Azure has it to do in ${open.region} yet`, wait: waits.sharing };
  return { kind: 'so', outcome };
}

/** @throws Error for what only `unshare` has. */
function onlyOne({ to, verb }: SharePlan): NamedSharee {
  if (to.kind === 'everybody') throw new Error(`${verb} is about one of them`);
  return to;
}

const nameOf = ({ gallery }: SharePlan, to: Sharee): string => shareName(gallery, to);
const bare = ({ kind, id }: Sharee): Sharee => ({ kind, id });
const isSharee = (one: Sharee, other: Sharee): boolean => one.kind === other.kind && one.id === other.id;
const isSame = (one: readonly Sharee[], other: readonly Sharee[]): boolean =>
  one.length === other.length && one.every((a) => other.some((b) => isSharee(a, b)));

/** Azure cannot share one image of a gallery. */
function wholeWords(images: readonly string[]): string {
  const shown = images.slice(0, 4).join(', ');
  const more = images.length > 4 ? ` and ${images.length - 4} more` : '';
  return `Azure shares all of it: ${shown}${more}, with every version of each, now and to come.`;
}

/** What deciders should know of somebody who is not, or may not be, of this organisation. */
function strangerWords({ kind, ours }: NamedSharee): readonly string[] {
  if (kind === 'tenant' && ours) return ['Everybody in the tenant who may make machines may deploy these images.'];
  if (ours) return [];
  const who =
    kind === 'tenant' || ours === false
      ? `It is another organisation’s${kind === 'tenant' ? ', as far as goldbot knows: Azure looks up no tenant' : ''}.`
      : 'goldbot cannot see it: it is another organisation’s, or there is none of this id. Azure looks up neither.';
  return [`${who} Scale sets in flexible mode cannot use images of another tenant.`];
}

function sharedWords(plan: SharePlan, to: NamedSharee, { uniqueName }: GallerySharing): string {
  const ends = plan.until === undefined ? '' : ` until ${ending(new Date(plan.until))}`;
  const by = uniqueName === undefined ? '' : ` There ${plan.image} is ${sharedImageId(uniqueName, plan.definition)}.`;
  return `${shareeWords(to)} may deploy from ${plan.target}${ends}.${by}`;
}
