import { type CommandCall, call, line, verbs } from '../core/command-call';
import { noticeCard } from './notice';
import type { Button } from './parts/buttons';
import type { Field } from './parts/fields';
import { capital, clip } from './parts/format';
import type { Reply } from './reply';

/** What a sentence in plain words may have meant. */
export interface Offered {
  readonly call: CommandCall;
  /** Of the plan as it is now, for commands that act on one. */
  readonly hash?: string;
  /** The card on which it is done, in place of doing it here. */
  readonly see?: Button;
}

export interface OfferView {
  /** Best first; three are shown. */
  readonly choices: readonly Offered[];
  /** What it is about, or corrects: `ubuntu-22 1.6.0, asked for by Ada`. */
  readonly about?: string;
  /** The command lacks a reason, which the card asks for. */
  readonly asksReason?: boolean;
  /** What shows more before anybody presses. */
  readonly look?: Button;
}

const decideThere = 'Decide on its card, which shows what it is about, or send the command.';

const reason: Field = { name: 'reason', kind: 'text', label: 'Reason', required: true, long: true };

/** Plain words that may change something, or mean several things: nothing happens until a button is pressed. */
export function offerCard({ choices, about, asksReason = false, look }: OfferView): Reply {
  const shown = choices.slice(0, 3);
  const [only] = shown;
  const message = shown.length === 1 && only ? `Do you mean “${line(only.call)}”?` : 'Which of these do you mean?';
  return noticeCard({
    message,
    details: [about ?? '', `Nothing has been done yet.${shown.some(({ see }) => see) ? ` ${decideThere}` : ''}`],
    ...(asksReason && { fields: [reason] }),
    buttons: [...shown.map((one) => offerButton(one, asksReason)), ...(look ? [look] : [])],
  });
}

function offerButton({ call: meant, hash, see }: Offered, takesInputs: boolean): Button {
  if (see) return see;
  return {
    title: titleOf(meant),
    call: meant,
    ...(hash !== undefined && { hash }),
    ...(takesInputs && { takesInputs }),
  };
}

/** The verb and what it is done to; the whole sentence stands above and at the foot. */
function titleOf({ verb, values }: CommandCall): string {
  const placed = (verbs[verb] as readonly string[]).filter((name) => values[name] !== undefined);
  return clip(capital(line(call(verb, Object.fromEntries(placed.map((name) => [name, values[name] ?? '']))))), 32);
}

/** The answer to plain words: it begins with the sentence that asks for the same. */
export function sameAs(asked: CommandCall, { text, card, ...rest }: Reply): Reply {
  const said = `Same as “${line(asked)}”`;
  const note = { type: 'TextBlock', text: said, wrap: true, isSubtle: true };
  return { ...rest, text: `${said}\n${text}`, ...(card && { card: { ...card, body: [note, ...card.body] } }) };
}

const replies = {
  hello:
    'Hello. Ask for an image, a machine or a request in your own words, such as “what is running”, or send “help”.',
  thanks: 'You are welcome.',
  bye: 'See you.',
  no: 'Nothing was done.',
} as const;

/** A friendly word for one; no card, since there is nothing to press. */
export function talkReply(talk: keyof typeof replies): Reply {
  return { text: replies[talk] };
}

/** Nobody said which request is meant, and none can be. */
export function nothingWaits(verb: string): Reply {
  const text =
    verb === 'approve' || verb === 'reject'
      ? 'No request waits for your decision. “approvals” lists what waits for others.'
      : `There is no request that you can ${verb}. “runs” lists what there was.`;
  return { text };
}
