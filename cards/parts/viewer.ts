import { call } from '../../core/command-call';
import type { OwnCard, Sheet } from '../sheet';
import { type Button, decideButtons } from './buttons';
import { oneLine } from './format';

/** Whose card it is on which somebody decides, as far as it makes a difference. */
export type Viewer =
  /** May decide now; `inPlaceOf`: by a place that was passed on. */
  | { readonly as: 'decider'; readonly inPlaceOf?: string }
  /** Is part of what is asked for, and so may not decide. */
  | { readonly as: 'asker'; readonly did: string }
  | { readonly as: 'decided'; readonly verdict: 'approve' | 'reject' };

/** What the cards have in common on which somebody decides about one request. */
export interface Asking {
  readonly id: string;
  readonly hash: string;
  /** Who may decide: the group's name. */
  readonly group: string;
  readonly viewer?: Viewer;
  readonly owners?: readonly string[];
}

/** The part of such a card that depends on whose it is. */
export interface Deciding {
  readonly buttons: readonly Button[];
  /** Sentences, above everything else. */
  readonly says: readonly string[];
  readonly frame: Pick<Sheet, 'own' | 'next'>;
}

/**
 * Everybody's card has no button that decides, and a way to one's own. A rejection asks for its reason after the click,
 * since an edit would wipe what is typed on a card that waits.
 */
export function deciding({ id, hash, group, viewer, owners }: Asking): Deciding {
  const frame = { own: ownCard({ request: id }, viewer, owners) };
  const decides = [call('approve', { request: id }), call('reject', { request: id }, 'reason')];
  const says = viewer ? viewerWords(viewer, group) : [];
  if (viewer?.as === 'decider') return { buttons: decideButtons(id, hash), says, frame };
  if (viewer?.as === 'asker') {
    const withdraw = { title: 'Withdraw', call: call('withdraw', { request: id }), style: 'destructive' } as const;
    return { buttons: [withdraw], says, frame };
  }
  // Whoever has approved may still say no.
  const next = viewer?.as === 'decided' ? decides.filter(({ verb }) => verb !== viewer.verdict) : decides;
  return { buttons: [], says, frame: { ...frame, next } };
}

/** Clients ask for it again and again, whosever card it is. `byHand`: what asks for it where a client does not. */
export function ownCard(
  about: OwnCard['about'],
  viewer: Viewer | undefined,
  people: readonly string[] | undefined,
  byHand = 'Decide',
): OwnCard {
  return { about, byItself: true, ...(!viewer && { button: byHand }), ...(people && { people }) };
}

/** What a run waits for beside a decision: somebody who has no part in it does it. */
export interface SecondView {
  /** Of the run. */
  readonly id: string;
  readonly button: Button;
  /** On everybody's card, in its place. */
  readonly byHand: string;
  /** Who may: `an approver or admin who has no part in the run`. */
  readonly whom: string;
  readonly viewer?: Viewer;
  readonly owners?: readonly string[];
}

/** The part of its card that depends on whose it is: who may has the button, whoever took part reads whom it waits for. */
export function seconding({ id, button, byHand, whom, viewer, owners }: SecondView): Deciding {
  const frame = { own: ownCard({ request: id }, viewer, owners, byHand) };
  if (viewer?.as === 'decider') return { buttons: [button], says: [], frame };
  const next = viewer ? {} : { next: [button.call] };
  return { buttons: [], says: viewer ? [tookPart(viewer, whom)] : [], frame: { ...frame, ...next } };
}

function tookPart(viewer: Exclude<Viewer, { readonly as: 'decider' }>, whom: string): string {
  const waits = `it waits for ${oneLine(whom, 100)}`;
  if (viewer.as === 'decided') {
    return `You ${viewer.verdict === 'approve' ? 'approved' : 'rejected'} the request: ${waits}.`;
  }
  return `${viewer.did === 'overrode' ? 'You asked for it' : `You ${viewer.did} the run`}: ${waits}.`;
}

export function viewerWords(viewer: Viewer, group: string): readonly string[] {
  const waits = `it waits for ${oneLine(group, 60)}`;
  switch (viewer.as) {
    case 'decider':
      return viewer.inPlaceOf === undefined ? [] : [`You decide on behalf of ${oneLine(viewer.inPlaceOf, 60)}.`];
    case 'asker':
      return [`You ${viewer.did} it: ${waits}.`];
    case 'decided':
      return [viewer.verdict === 'approve' ? `You approved it: ${waits}.` : 'You rejected it.'];
  }
}
