import type { Emit, Engine, GivenArgument } from './engine';
import type { Problem } from './errors';
import type { Runtime } from './runtime';
import { type Extent, NotModelled } from './syntax';
import { Bag, itemsOf, toBool, toNumber, toText, type Value } from './values';

/** What stands in a table of cmdlets: its parameters, and what it does. */
export interface Cmdlet {
  readonly name: string;
  readonly parameters: readonly ParameterSpec[];
  readonly run: (call: Call) => void;
}

interface ParameterSpec {
  readonly names: readonly string[];
  readonly kind: 'positional' | 'named' | 'switch' | 'rest';
}

export type Cmdlets = Readonly<Record<string, readonly [parameters: string, run: (call: Call) => void]>>;

/**
 * Reads a table of cmdlets. Parameters: `Path|LiteralPath` may stand at its place, `Type=` must be named, `-Force` is a
 * switch, `Value...` takes all that is left.
 */
export function cmdlets(table: Cmdlets): Cmdlet[] {
  return Object.entries(table).map(([name, [text, run]]) => ({
    name,
    parameters: text.split(' ').filter(Boolean).map(spec),
    run,
  }));
}

function spec(word: string): ParameterSpec {
  const kind = word.startsWith('-')
    ? 'switch'
    : word.endsWith('=')
      ? 'named'
      : word.endsWith('...')
        ? 'rest'
        : 'positional';
  return { names: word.replace(/^-|=$|\.\.\.$/g, '').split('|'), kind };
}

const common: readonly ParameterSpec[] = [
  ...[
    'ErrorAction|EA',
    'ErrorVariable|EV',
    'WarningAction|WA',
    'InformationAction|Infa',
    'OutVariable|OV',
    'WarningVariable|WV',
  ].map((w) => spec(`${w}=`)),
  ...['-Verbose|vb', '-Debug|db', '-Confirm|cf', '-WhatIf|wi'].map(spec),
];

export interface Calling {
  readonly engine: Engine;
  readonly args: readonly GivenArgument[];
  readonly input: readonly Value[];
  /** Nothing comes in: it is the first of its pipeline. */
  readonly isFirst: boolean;
  readonly extent: Extent;
  readonly emit: Emit;
}

export function bind(cmdlet: Cmdlet, calling: Calling): Call {
  const bound = new Bag();
  const places = cmdlet.parameters.filter((p) => p.kind === 'positional' || p.kind === 'rest');
  const loose: Value[] = [];
  const args = [...calling.args];
  for (let arg = args.shift(); arg; arg = args.shift()) {
    if (arg.name === undefined) {
      loose.push(arg.value ?? null);
      continue;
    }
    const found = parameterNamed(cmdlet, arg.name, arg.extent);
    const name = found.names[0] ?? '';
    if (found.kind === 'switch') bound.set(name, arg.value === undefined || arg.value);
    else if ('value' in arg) bound.set(name, arg.value ?? null);
    else {
      const next = args.shift();
      if (!next || next.name !== undefined) throw missingArgument(calling, cmdlet, name);
      bound.set(name, next.value ?? null);
    }
  }
  for (const place of places) {
    const name = place.names[0] ?? '';
    if (loose.length === 0) break;
    if (bound.has(name)) continue;
    if (place.kind === 'rest') bound.set(name, loose.splice(0));
    else bound.set(name, loose.shift() ?? null);
  }
  if (loose.length > 0) throw tooMany(calling, cmdlet, loose[0] ?? null);
  return new Call(cmdlet, calling, bound);
}

/** A name may be cut as long as it is the only one that begins so. */
function parameterNamed(cmdlet: Cmdlet, name: string, extent: Extent): ParameterSpec {
  const all = [...cmdlet.parameters, ...common];
  const wanted = name.toLowerCase();
  const exact = all.find((p) => p.names.some((n) => n.toLowerCase() === wanted));
  const alike = all.filter((p) => p.names.some((n) => n.toLowerCase().startsWith(wanted)));
  const found = exact ?? (alike.length === 1 ? alike[0] : undefined);
  if (!found) throw new NotModelled(`${cmdlet.name} -${name}`, extent);
  return found;
}

function missingArgument({ engine, extent }: Calling, cmdlet: Cmdlet, name: string) {
  return engine.runtime.terminating(
    {
      message: `Missing an argument for parameter '${name}'. Specify a parameter of type 'System.String' and try again.`,
      category: 'InvalidArgument',
      exception: 'ParameterBindingException',
      id: `MissingArgument,Microsoft.PowerShell.Commands.${cmdlet.name.replace('-', '')}Command`,
      activity: cmdlet.name,
      prefix: cmdlet.name,
    },
    extent,
  );
}

function tooMany({ engine, extent }: Calling, cmdlet: Cmdlet, value: Value) {
  return engine.runtime.terminating(
    {
      message: `A positional parameter cannot be found that accepts argument '${toText(value)}'.`,
      category: 'InvalidArgument',
      exception: 'ParameterBindingException',
      id: `PositionalParameterNotFound,Microsoft.PowerShell.Commands.${cmdlet.name.replace('-', '')}Command`,
      activity: cmdlet.name,
      prefix: cmdlet.name,
    },
    extent,
  );
}

/** One call of a cmdlet, with its arguments in order. */
export class Call {
  readonly engine: Engine;
  readonly runtime: Runtime;
  readonly input: readonly Value[];
  readonly isFirst: boolean;

  constructor(
    readonly cmdlet: Cmdlet,
    private readonly calling: Calling,
    private readonly bound: Bag,
  ) {
    this.engine = calling.engine;
    this.runtime = calling.engine.runtime;
    this.input = calling.input;
    this.isFirst = calling.isFirst;
  }

  emit(value: Value): void {
    this.calling.emit(value);
  }

  has(name: string): boolean {
    return this.bound.has(name);
  }

  value(name: string): Value | undefined {
    return this.bound.get(name);
  }

  text(name: string, fallback = ''): string {
    const value = this.bound.get(name);
    return value === undefined || value === null ? fallback : toText(value);
  }

  texts(name: string): string[] {
    return itemsOf(this.bound.get(name)).map(toText);
  }

  flag(name: string): boolean {
    return toBool(this.bound.get(name));
  }

  number(name: string): number | undefined {
    const value = this.bound.get(name);
    return value === undefined || value === null ? undefined : toNumber(value);
  }

  /** What was given by name or place, or else what comes through the pipeline. */
  inputOr(name: string): Value[] {
    return this.has(name) ? itemsOf(this.value(name)) : [...this.input];
  }

  /** Texts given by name or place; else, of what comes in, the property of that name or the text itself. */
  named(name: string, ...properties: readonly string[]): string[] {
    if (this.has(name)) return this.texts(name);
    return this.input.map((item) => {
      const bag = item !== null && typeof item === 'object' && 'bag' in item ? item.bag : undefined;
      const property = [name, ...properties].find((p) => bag?.has(p));
      return toText(property === undefined ? item : (bag?.get(property) ?? null));
    });
  }

  /** An error about one thing: the cmdlet goes on with the next. */
  fail(problem: Omit<Problem, 'activity' | 'prefix'>): void {
    const { name } = this.cmdlet;
    const action = this.text('ErrorAction', this.runtime.errorAction);
    const record = this.runtime.report({ ...problem, activity: name, prefix: name }, this.calling.extent, action);
    const variable = this.text('ErrorVariable');
    if (variable && record) this.runtime.set(variable.replace(/^\+/, ''), [record]);
  }

  /** An error that ends the cmdlet's statement; `-ErrorAction` does not help against it, `Stop` aside. */
  stop(problem: Omit<Problem, 'activity' | 'prefix'>): Error {
    const { name } = this.cmdlet;
    return this.runtime.terminating({ ...problem, activity: name, prefix: name }, this.calling.extent);
  }

  notModelled(what: string): NotModelled {
    return new NotModelled(`${this.cmdlet.name} ${what}`.trim(), this.calling.extent);
  }

  get isDryRun(): boolean {
    return this.flag('WhatIf');
  }
}
