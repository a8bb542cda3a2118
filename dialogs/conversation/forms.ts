import { type Field, formCard } from '../../cards';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import type { ArgInfo } from './arguments';
import type { Answer, Command, Values } from './define';

/** Asks for what a command lacks; what was given goes along. */
export function missingForm(command: Command, values: Values, catalogue: Catalogue, hash?: string): Answer {
  const open = command.args.filter((a) => values[a.name] === undefined && !a.hidden && a.form !== false);
  const missing = open.filter((a) => a.required);
  return formCard({
    ...frame(
      command,
      values,
      missing.map((a) => a.name),
    ),
    ...(hash !== undefined && { hash }),
    message: `${command.verb} needs ${missing.map((a) => a.label.toLowerCase()).join(' and ')}.`,
    fields: [...open].sort((a, b) => Number(b.required) - Number(a.required)).map((a) => field(a, catalogue.images)),
  });
}

/** Several images are meant by what was typed: a person chooses. */
export function choiceForm(command: Command, values: Values, arg: string, among: readonly ImageConfig[]): Answer {
  const { [arg]: typed, ...given } = values;
  const info = command.args.find((a) => a.name === arg);
  return formCard({
    ...frame(command, given, [arg]),
    title: `Which image do you mean by "${String(typed)}"?`,
    message: `${among.length} images of the catalogue fit.`,
    fields: info ? [{ ...field(info, among), kind: 'choice', choices: imageChoices(among), required: true }] : [],
  });
}

function frame(command: Command, given: Values, blanks: readonly string[]) {
  return {
    call: call(command.verb, given, ...blanks),
    title: command.summary.replace(/\.$/, ''),
    ...(command.destructive && { destructive: true }),
  };
}

function field(info: ArgInfo, images: readonly ImageConfig[]): Field {
  const base = { name: info.name, label: info.label, required: info.required };
  switch (info.kind) {
    case 'image':
      return { ...base, kind: 'choice', choices: imageChoices(images) };
    case 'choice':
      return { ...base, kind: 'choice', choices: info.choices.map((value) => ({ title: value, value })) };
    case 'flag':
      return { ...base, kind: 'toggle', value: 'false' };
    case 'number':
      return { ...base, kind: 'number' };
    case 'text':
      return { ...base, kind: 'text', long: true };
    case 'ref':
    case 'version':
    case 'request':
    case 'list':
    case 'word':
      return { ...base, kind: 'text', placeholder: info.value ?? '' };
  }
}

function imageChoices(images: readonly ImageConfig[]) {
  return images.map((i) => ({ title: `${i.name} · ${i.title}`, value: i.name }));
}
