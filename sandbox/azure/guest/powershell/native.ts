import type { Engine } from './engine';
import { NotModelled } from './syntax';

/** A program: words in, text and an exit code out. */
export interface NativeCall {
  readonly engine: Engine;
  readonly name: string;
  readonly args: readonly string[];
  readonly input: string;
  print(text: string): void;
  complain(text: string): void;
}

export type Native = (call: NativeCall) => number;

/** The value after `/name:` or after `name` as its own word. */
export function option({ args }: NativeCall, name: string): string | undefined {
  const at = args.findIndex((arg) => arg.toLowerCase() === name.toLowerCase());
  if (at >= 0) return args[at + 1];
  const joined = args.find((arg) => arg.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return joined?.slice(name.length + 1);
}

export const has = ({ args }: NativeCall, name: string): boolean =>
  args.some((arg) => arg.toLowerCase() === name.toLowerCase());

export function notModelled({ name, args }: NativeCall): NotModelled {
  return new NotModelled([name, ...args].join(' '));
}
