import type { Runtime } from './runtime';
import type { Extent, Statement } from './syntax';
import type { Block, Value } from './values';

export type Emit = (value: Value) => void;

/** A parameter by name, or a value by its place. */
export interface GivenArgument {
  readonly name?: string;
  readonly value?: Value;
  readonly extent: Extent;
}

/** What expressions, methods and commands ask of whoever runs the script. */
export interface Engine {
  readonly runtime: Runtime;
  values(statements: readonly Statement[]): Value[];
  valueOf(statement: Statement): Value;
  /** A block in a scope of its own. */
  callBlock(block: Block, variables: Readonly<Record<string, Value>>, args?: readonly GivenArgument[]): Value[];
  /** A block in the scope of whoever calls, with `$_`. */
  inPlace(block: Block, item: Value, emit: Emit): void;
  /** Whether a command of this name is modelled. */
  knows(name: string): boolean;
  /** Script text of the guest, in a scope of its own. */
  callText(text: string, file: string, args: readonly GivenArgument[], emit: Emit): void;
}
