import { call } from '../core/command-call';
import { type Line, lines } from './parts/blocks';
import { type Button, statusButton } from './parts/buttons';
import { lettersOf, mentioning } from './parts/mentions';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/notice.json';

export interface MentionView {
  /** The run of trials. */
  readonly id: string;
  readonly state: 'posted' | 'mentioned' | 'answered';
  /** Who is mentioned. */
  readonly name: string;
  readonly oid: string;
  /** What came of it, as a sentence. */
  readonly said?: string;
  /** Of the run's plan. */
  readonly hash?: string;
}

/** A message that is edited to mention somebody, who is asked whether Teams told them: the only edit that mentions anybody anew. */
export function mentionCard(view: MentionView): Reply {
  const { id, state, said } = view;
  const name = lettersOf(view.name);
  const frame = { title: `A message to try Teams with (${id})`, subtitles: [], buttons: [statusButton(id)] };
  if (state === 'answered')
    return sheet(template, frame, { details: lines(['It was tried.', said ?? '']).map(plainly) });
  const next = `In a moment goldbot edits a mention of ${name} into this message, and asks whether Teams notified them.`;
  if (state === 'posted') return sheet(template, frame, { details: lines([next]).map(plainly) });
  const asked = `${name}, did Teams notify you of this edit, in the activity feed or with a banner?`;
  const where = 'Only this answer is kept; nothing else depends on it.';
  const reply = sheet(
    template,
    { ...frame, buttons: answerButtons(view) },
    { details: lines([asked, where]).map(plainly) },
  );
  const whom = { people: [{ oid: view.oid, name }], others: 0, groups: [] };
  return mentioning(reply, { to: 'your answer', waits: false }, whom);
}

const plainly = (one: Line) => ({ ...one, subtle: false });

function answerButtons({ hash }: MentionView): readonly Button[] {
  const bound = hash === undefined ? {} : { hash };
  return [
    { title: 'Teams notified me', call: call('try', { notified: 'yes' }), ...bound },
    { title: 'It did not', call: call('try', { notified: 'no' }), ...bound },
  ];
}
