import { lines } from './blocks';
import { type FailureView, failurePart } from './failure-part';
import { type Field, fieldLine, fieldView } from './fields';
import { dotted, oneLine } from './format';
import type { Reply } from './reply';
import { type Button, sheet } from './sheet';
import template from './templates/failure.json';

export interface FailureCardView extends FailureView {
  readonly id: string;
  readonly hash?: string;
  readonly image: string;
  readonly version: string;
  readonly requestedBy: string;
  readonly canCancel: boolean;
}

/** An attempt that stopped, for the people who can mend it; the same content as in the run card. */
export function failureCard(view: FailureCardView): Reply {
  const part = failurePart(view);
  const fields: readonly Field[] = [
    { name: 'note', label: 'Note (what was mended)', kind: 'text', placeholder: 'What is different now?' },
  ];
  const next = 'Mend the recipe or the test, then rebuild: it takes the next patch number. Nothing was published.';
  return sheet(
    template,
    {
      title: `${view.image} ${view.version} needs repair`,
      subtitles: [dotted(view.id, `asked by ${oneLine(view.requestedBy, 60)}`, `attempt ${view.attempt}`)],
      badge: { text: '! Repair', color: 'Attention' },
      twin: [...part.twin, next, ...fields.map(fieldLine)],
      buttons: failureButtons(view),
    },
    { failures: part.blocks, notes: lines([next]), fields: fields.map(fieldView) },
  );
}

/** Cancel asks for its reason by a form: one input on a card that is about mending. */
function failureButtons(view: FailureCardView): readonly Button[] {
  const data = view.hash === undefined ? { request: view.id } : { request: view.id, hash: view.hash };
  const cancel: Button = { title: 'Cancel', verb: 'cancel', data, command: `cancel ${view.id} --reason "…"` };
  return [
    { title: 'Rebuild', verb: 'rebuild', data, command: `rebuild ${view.id}`, style: 'positive', takesInputs: true },
    { title: 'Show log', verb: 'logs', data: { request: view.id }, command: `logs ${view.id}` },
    ...(view.canCancel ? [cancel] : []),
  ];
}
