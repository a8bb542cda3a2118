import type { ArgInfo } from './arguments';
import type { Command, Values } from './define';

/** `publish <image> [--bump patch|minor|major] [--plan]`. */
export function usage(command: Command): string {
  const parts = [...positionalArgs(command), ...options(command)].map(usagePart);
  return [command.verb, ...parts].join(' ');
}

/** The usage with what is needed alone: `cancel <R-XXXXX> --reason "…"`. */
export function shortUsage(command: Command): string {
  const parts = [...positionalArgs(command), ...options(command)].filter((a) => a.required).map(usagePart);
  return [command.verb, ...parts].join(' ');
}

export function positionalArgs(command: Command): readonly ArgInfo[] {
  return (command.positional ?? []).flatMap((name) => command.args.filter((a) => a.name === name));
}

/** What is given by name; hidden ones are understood, but not told. */
export function options(command: Command): readonly ArgInfo[] {
  return command.args.filter((a) => !a.positional && !a.hidden);
}

/** As it is typed: `replaceBy` is `--replace-by`. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function usagePart(info: ArgInfo): string {
  const value = info.value ?? info.name;
  if (info.positional) return info.required ? `<${value}>` : `[${value}]`;
  const option = info.kind === 'flag' ? optionName(info.name) : `${optionName(info.name)} ${value}`;
  return info.required ? option : `[${option}]`;
}

/** The command with these values, as it would be typed. */
export function typed(command: Command, values: Values): string {
  const places = positionalArgs(command);
  const gap = places.findIndex((a) => values[a.name] === undefined);
  const placed = gap < 0 ? places : places.slice(0, gap);
  const named = command.args.filter((a) => !placed.includes(a)).flatMap((a) => optionTyped(a, values[a.name]));
  return [command.verb, ...placed.map((a) => typedValue(values[a.name])), ...named].join(' ');
}

function optionTyped(info: ArgInfo, value: Values[string] | undefined): readonly string[] {
  if (value === undefined || value === false) return [];
  return info.kind === 'flag' ? [optionName(info.name)] : [optionName(info.name), typedValue(value)];
}

function typedValue(value: Values[string] | undefined): string {
  const text = String(value).replace(/\s+/g, ' ').trim();
  return /^[^\s"'`“”«»–—-][^\s"`“”«»]*$/.test(text) ? text : `"${text.replace(/["“”«»]/g, "'")}"`;
}
