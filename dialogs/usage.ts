import type { ArgInfo } from './arguments';
import type { Command } from './define';

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
