import type { Script } from '../syntax';
import { Cursor } from './cursor';
import { Statements } from './statements';

/** Reads a script, or throws a ParseError (wrong in any PowerShell) or NotModelled (the sandbox does not have it). */
export function parse(text: string): Script {
  return new Statements().script(new Cursor(text), false);
}
