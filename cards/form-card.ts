import { lines } from './blocks';
import { type Field, fieldLine, fieldView } from './fields';
import { quoted, spoken } from './format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/form.json';

export interface FormView {
  /** The command that the form fills. */
  readonly verb: string;
  /** `Publish a golden image`. */
  readonly title: string;
  /** Why a form: `cancel needs a reason.` */
  readonly message?: string;
  /** What is missing or can be changed, in order; at most 12. */
  readonly fields: readonly Field[];
  /** What was given already and goes with the click unchanged. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Label of the button; the verb with a capital when absent. */
  readonly submit?: string;
  /** The command as it would be typed: `publish <image>`. */
  readonly usage: string;
  /** Destructive commands get a red button. */
  readonly destructive?: boolean;
}

/** Asks for the arguments that a command lacks; the button runs the command with what was filled in. */
export function formCard(view: FormView): Reply {
  const shown = view.fields.slice(0, 12).map(fewChoices(view.fields.length));
  const given = Object.entries(view.given ?? {}).filter(([name]) => name !== 'hash');
  const message = spoken(view.message ?? '');
  const known = given.length === 0 ? '' : `Given: ${given.map(([k, v]) => `${k} ${quoted(String(v))}`).join(', ')}`;
  return sheet(
    template,
    {
      title: view.title,
      subtitles: [known],
      twin: [message, ...shown.map(fieldLine)].filter((line) => line !== ''),
      buttons: [
        {
          title: view.submit ?? capital(view.verb),
          verb: view.verb,
          data: view.given ?? {},
          command: view.usage,
          style: view.destructive === true ? 'destructive' : 'positive',
          takesInputs: true,
        },
      ],
    },
    { paragraphs: lines([message]), fields: shown.map(fieldView) },
  );
}

/** A card has room for about 120 choices; with more, what is not offered can still be typed. */
function fewChoices(fields: number): (field: Field) => Field {
  const max = Math.max(5, Math.floor(120 / Math.max(1, fields)));
  return (field) => (field.choices === undefined ? field : { ...field, choices: field.choices.slice(0, max) });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
