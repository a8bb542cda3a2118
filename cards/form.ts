import type { CommandCall } from '../core/command-call';
import { lines } from './parts/blocks';
import { type Field, fieldView } from './parts/fields';
import { capital, count } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/form.json';

export interface FormView {
  /** The command that the form fills, with what was already given; the blanks are what it still needs. */
  readonly call: CommandCall;
  /** Of the plan that the form is about. */
  readonly hash?: string;
  /** `Publish a golden image`. */
  readonly title: string;
  /** Why a form: `cancel needs a reason.` */
  readonly message?: string;
  /** What was given already, a phrase each: `image ubuntu-22`. */
  readonly given?: readonly string[];
  /** What is missing or can be changed, in order; at most 12. */
  readonly fields: readonly Field[];
  /** Label of the button; the verb with a capital when absent. */
  readonly submit?: string;
  /** Destructive commands get a red button. */
  readonly destructive?: boolean;
  /** It stands in the place of the card that asks for this request, for the one who clicked there: a way back to it. */
  readonly backTo?: string;
}

/** Asks for the arguments that a command lacks; the button runs the command with what was filled in. */
export function formCard(view: FormView): Reply {
  const shown = view.fields.slice(0, 12).map(fewChoices(view.fields.length));
  const { given = [] } = view;
  const isFew = shown.filter(isFoldable).length <= fewOptional;
  const [first, folded] = isFew ? [shown, []] : [shown.filter((f) => !isFoldable(f)), shown.filter(isFoldable)];
  const message = view.message ?? '';
  const known = given.length === 0 ? '' : `Given: ${given.join(', ')}`;
  return sheet(
    template,
    {
      title: view.title,
      subtitles: [known],
      buttons: [
        {
          title: view.submit ?? capital(view.call.verb),
          call: view.call,
          ...(view.hash !== undefined && { hash: view.hash }),
          style: view.destructive === true ? 'destructive' : 'positive',
          takesInputs: true,
        },
      ],
      ...(view.backTo !== undefined && { own: { about: { request: view.backTo }, button: 'Back' } }),
    },
    { paragraphs: lines([message]), fields: first.map(fieldView), moreFields: moreFields(folded) },
  );
}

/** More of what can be left as it is are folded: on a phone the button would stand screens below. */
const fewOptional = 3;

/** What somebody has filled in, or has to put right, stays in sight. */
function isFoldable({ required, value = '', problem }: Field): boolean {
  return required !== true && problem === undefined && (value === '' || value === 'false');
}

function moreFields(fields: readonly Field[]): readonly object[] {
  return fields.length === 0
    ? []
    : [{ title: `${count(fields.length, 'more choice')}`, inputs: fields.map(fieldView) }];
}

/** A card has room for about 120 choices; beyond that, what is not offered can still be typed. */
function fewChoices(fields: number): (field: Field) => Field {
  const max = Math.max(5, Math.floor(120 / Math.max(1, fields)));
  return (field) => (field.choices === undefined ? field : { ...field, choices: field.choices.slice(0, max) });
}
