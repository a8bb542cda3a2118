import { clip, oneLine } from './format';

/** One input of a form. */
export interface Field {
  /** The option or argument it fills; the id of the input. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'choice' | 'toggle' | 'number' | 'date';
  /** For `choice`. The first 60 are offered. */
  readonly choices?: readonly { readonly title: string; readonly value: string }[];
  readonly required?: boolean;
  readonly placeholder?: string;
  /** What is filled in already; `true`/`false` for a toggle, `2027-05-21` for a date. */
  readonly value?: string;
  /** Room for more than one line. */
  readonly long?: boolean;
}

/** What the input part of the templates needs to know about a field. */
export function fieldView(field: Field): object {
  const required = field.required ?? false;
  const toggle = field.kind === 'toggle';
  return {
    name: field.name,
    label: toggle ? '' : oneLine(field.label, 120),
    placeholder: oneLine(toggle ? field.label : (field.placeholder ?? ''), 120),
    value: field.kind === 'number' && field.value ? Number(field.value) : clip(field.value ?? '', 500),
    required,
    error: required ? `${oneLine(field.label, 80)} is required.` : '',
    long: field.long ?? false,
    choices: (field.choices ?? []).slice(0, 60).map(({ title, value }) => ({ title: oneLine(title, 80), value })),
    isText: field.kind === 'text',
    isChoiceSet: field.kind === 'choice',
    isToggle: toggle,
    isNumber: field.kind === 'number',
    isDate: field.kind === 'date',
  };
}
