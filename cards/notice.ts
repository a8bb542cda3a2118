import type { CommandCall } from '../core/command-call';
import { lines } from './parts/blocks';
import type { Button } from './parts/buttons';
import { type Field, fieldView } from './parts/fields';
import { oneLine } from './parts/format';
import { type SecondView, seconding } from './parts/viewer';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/notice.json';

export interface NoticeView {
  /** One sentence: `You joined R-7F3KQ.` */
  readonly message: string;
  /** More sentences, one each. */
  readonly details?: readonly string[];
  /** The details are a list, of which none says more than the others. */
  readonly isList?: true;
  /** What a button takes along that says so. */
  readonly fields?: readonly Field[];
  readonly buttons?: readonly Button[];
  /** What comes next. */
  readonly next?: readonly CommandCall[];
  /** What it asks somebody for who has no part in it; its button comes first, for whom it is. */
  readonly second?: SecondView;
}

/** Something that happened, in a sentence: cancelling, joined, decided by somebody else. */
export function noticeCard(view: NoticeView): Reply {
  const asked = view.second && seconding(view.second);
  const details = lines([...(asked?.says ?? []), ...(view.details ?? [])].slice(0, 8), 400).map(({ text }, i) => ({
    text,
    // What comes first matters most, and what somebody has to do something about is never subdued.
    subtle: !view.isList && i > 0 && !text.startsWith('!'),
  }));
  return sheet(
    template,
    {
      title: oneLine(view.message, 200),
      subtitles: [],
      buttons: [...(asked?.buttons ?? []), ...(view.buttons ?? [])].slice(0, 6),
      ...asked?.frame,
      next: [...(asked?.frame.next ?? []), ...(view.next ?? [])],
    },
    { details, fields: (view.fields ?? []).map(fieldView) },
  );
}

/** Azure takes longer than a person waits: what is known now, which the whole answer will replace. */
export function incomplete(known: Reply | undefined): Reply {
  if (known === undefined) {
    return { ...noticeCard({ message: '… Azure has not answered yet', details: [completes] }), pending: true };
  }
  const { text, card } = known;
  const lacks = `… Azure has not said everything yet. ${completes}`;
  return {
    text: `${lacks}\n${text}`,
    ...(card && { card: { ...card, body: [note(lacks), ...card.body], fallbackText: lacks } }),
    pending: true,
  };
}

const completes = 'goldbot keeps asking and completes this message.';

const note = (text: string) => ({ type: 'TextBlock', text, wrap: true, isSubtle: true });

export interface ChoiceView {
  /** `Did you mean publish?` */
  readonly message: string;
  /** Why it was not done: `"pubish" is no command.` */
  readonly reason?: string;
  /** Nearest first; six are shown. Nothing happens until one is pressed. */
  readonly choices: readonly Button[];
}

/** Several things that a message may have meant; each is a button. */
export function choiceCard(view: ChoiceView): Reply {
  const choices = view.choices.slice(0, 6);
  const details = [view.reason ?? '', 'Nothing has been done yet.'];
  return noticeCard({ message: view.message, details, buttons: choices });
}
