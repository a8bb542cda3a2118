import { lines } from './blocks';
import { clip, oneLine } from './format';

/** One input of a form. */
export interface Field {
  /** The option or argument it fills; the id of the input. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'choice' | 'toggle' | 'number' | 'date' | 'moment';
  /** For `choice`. The first 60 are offered. */
  readonly choices?: readonly { readonly title: string; readonly value: string }[];
  /** For `choice`: the rest is found while somebody types, by asking for what is in this set. */
  readonly dataset?: string;
  /** For `moment`: the input that takes the time, beside the one that takes the day. */
  readonly timeName?: string;
  /** For `date` and `moment`: the first day that can be chosen, `2027-05-21`. */
  readonly from?: string;
  /** What is wrong with what was filled in. */
  readonly problem?: string;
  readonly required?: boolean;
  readonly placeholder?: string;
  /** What is filled in already; `true`/`false` for a toggle, `2027-05-21` for a date, `2027-05-21 22:00` for a moment. */
  readonly value?: string;
  /** Room for more than one line. */
  readonly long?: boolean;
}

/** What a client says itself of a field that cannot be sent as it is. */
function errorOf({ label, required = false, from }: Field): string {
  if (from !== undefined) return `Choose a day from ${from} on.`;
  return required ? `${oneLine(label, 80)} is required.` : '';
}

/** Among more than these it is quicker to type a few letters than to look. */
const fewChoices = 8;

/** What the input part of the templates needs to know about a field. */
export function fieldView(field: Field): object {
  const required = field.required ?? false;
  const toggle = field.kind === 'toggle';
  const offered = field.choices ?? [];
  const [day = '', time = ''] =
    field.kind === 'moment' ? (/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/.exec(field.value ?? '') ?? []).slice(1) : [];
  const isLong = field.dataset !== undefined || offered.length > fewChoices;
  return {
    name: field.name,
    label: toggle ? '' : oneLine(field.label, 120),
    placeholder: oneLine(toggle ? field.label : (field.placeholder ?? ''), 120),
    value: field.kind === 'number' && field.value ? Number(field.value) : clip(field.value ?? '', 500),
    required,
    error: errorOf(field),
    long: field.long ?? false,
    choices: offered.slice(0, 60).map(({ title, value }) => ({ title: oneLine(title, 80), value })),
    dataset: field.dataset ?? '',
    from: field.from ?? '',
    problems: lines([field.problem === undefined ? '' : `! ${oneLine(field.problem, 300)}`]),
    isText: field.kind === 'text',
    isChoiceSet: field.kind === 'choice' && !isLong,
    isLongList: field.kind === 'choice' && isLong && field.dataset === undefined,
    isSearch: field.kind === 'choice' && field.dataset !== undefined,
    isToggle: toggle,
    isNumber: field.kind === 'number',
    isDate: field.kind === 'date',
    isMoment: field.kind === 'moment',
    ...{ day, time, timeName: field.timeName ?? '' },
  };
}
