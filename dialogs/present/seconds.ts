import { reviewButton, type SecondView } from '../../cards';
import { call } from '../../core/command-call';
import type { ChangeRun, PublishRun, Run } from '../../core/runs';
import { type Second, type Standing, viewerOf } from './standing';

/** What a run waits for beside a decision: a second person who confirms an override, or who reviews broken glass. */

/** A run that a freeze may hold. */
export type Holdable = PublishRun | ChangeRun;

/** Whether somebody may ask for an override now, or agree to one. */
export function overrideOf(run: Holdable): 'ask' | 'confirm' | undefined {
  const { held, override } = run.data;
  const isFrozen = held?.holds.some(({ kind }) => kind === 'freeze') ?? false;
  if (run.stage !== 'hold' || run.outcome || !isFrozen) return undefined;
  return override && !override.confirmed ? 'confirm' : 'ask';
}

export function secondOf(run: Run): Second['does'] | undefined {
  if (run.kind === 'digest') return undefined;
  if (overrideOf(run) === 'confirm') return 'confirm';
  return run.kind === 'change' && isUnreviewed(run) ? 'review' : undefined;
}

/** From the moment glass was broken until somebody has said what is to be learnt. */
const isUnreviewed = ({ stage, outcome, data: { review } }: ChangeRun): boolean =>
  stage === 'review' && !outcome && !review?.by;

/** `standing`: how whoever looks stands to it; everybody's card without. */
export function secondView(run: Holdable, standing?: Standing): { readonly second?: SecondView } {
  const does = secondOf(run);
  if (!does) return {};
  const shown = does === 'confirm' ? confirming(run) : reviewing(run);
  return { second: { id: run.id, ...shown, ...viewerOf(standing) } };
}

type Shown = Omit<SecondView, 'id' | 'viewer'>;

/** Those who decide about the run are known where goldbot has looked; who is an admin asks by hand. */
function confirming({ id, planHash, actors, data: { deciders } }: Holdable): Shown {
  const button = {
    title: 'Confirm the override',
    call: call('confirm', { request: id }),
    style: 'positive',
    ...(planHash !== null && { hash: planHash }),
  } as const;
  const owners = deciders && [...new Set([...deciders.ids, ...actors.map(({ oid }) => oid)])];
  return { button, byHand: 'Decide', whom: whoSeconds.confirm, ...(owners && { owners }) };
}

/** What is to be learnt is asked for after the press: a client that asks for its card would wipe what is typed. */
function reviewing({ id, planHash }: Holdable): Shown {
  return {
    button: { ...reviewButton(id, planHash), title: 'Write the review' },
    byHand: 'Review',
    whom: whoSeconds.review,
  };
}

export const whoSeconds: Readonly<Record<Second['does'], string>> = {
  confirm: 'an approver or admin who has no part in the run',
  review: 'an approver, admin or auditor who took no part',
};
