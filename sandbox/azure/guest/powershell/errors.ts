import type { Extent } from './syntax';
import { PsObject, toText, type Value } from './values';

/** What PowerShell says of an error, in its own words. */
export interface Problem {
  readonly message: string;
  /** `ObjectNotFound`, `InvalidArgument` and so on. */
  readonly category: string;
  /** What it was about, as `name:Type`. */
  readonly target?: string;
  /** The exception's short name. */
  readonly exception: string;
  readonly id: string;
  /** The cmdlet that says it. */
  readonly activity?: string;
  /** Stands before the message where something was called. */
  readonly prefix?: string;
}

export interface Place {
  readonly file: string;
  readonly text: string;
  readonly extent?: Extent | undefined;
}

/** An ErrorRecord, as `$_` in a catch shows it. */
export function errorRecord(problem: Problem, place: Place, thrown?: Value): PsObject {
  const type = problem.exception.includes('.')
    ? problem.exception
    : `System.Management.Automation.${problem.exception}`;
  const exception = PsObject.of(
    type,
    { Message: problem.message, HResult: -2_146_233_087 },
    `${type}: ${problem.message}`,
  );
  const { line, char, source } = positionOf(place);
  return PsObject.of(
    'System.Management.Automation.ErrorRecord',
    {
      Exception: exception,
      TargetObject: thrown ?? problem.target ?? null,
      FullyQualifiedErrorId: problem.id,
      CategoryInfo: `${problem.category}: (${problem.target ?? ':'}) [${problem.activity ?? ''}], ${shortName(problem.exception)}`,
      ScriptStackTrace: `at <ScriptBlock>, ${place.file}: line ${line}`,
      InvocationInfo: PsObject.of('System.Management.Automation.InvocationInfo', {
        ScriptLineNumber: line,
        OffsetInLine: char,
        Line: source,
        ScriptName: place.file,
        PositionMessage: positionMessage(place),
      }),
    },
    problem.message,
  );
}

const shortName = (exception: string): string => exception.split('.').at(-1) ?? exception;

export function positionOf({ text, extent }: Place): { line: number; char: number; source: string } {
  const from = Math.min(extent?.from ?? 0, text.length);
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const end = text.indexOf('\n', from);
  const source = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  const line = text.slice(0, from).split('\n').length;
  return { line, char: from - start + 1, source };
}

function positionMessage(place: Place): string {
  const { line, char, source } = positionOf(place);
  const { from = 0, to = from + 1 } = place.extent ?? {};
  const shown = source.trimStart();
  const indent = char - 1 - (source.length - shown.length);
  const length = Math.max(1, Math.min(to - from, shown.length - indent));
  return `At ${place.file}:${line} char:${char}\n+ ${shown}\n+ ${' '.repeat(Math.max(0, indent))}${'~'.repeat(length)}`;
}

/** The record as Windows PowerShell 5.1 writes it to the error stream. */
export function errorText(problem: Problem, place: Place): string {
  const { message, category, target = ':', activity = '', exception, id, prefix } = problem;
  const at = place.extent ? `\n${positionMessage(place)}` : '';
  const head = prefix ? `${prefix} : ${message}` : message;
  return `${head}${at}\n    + CategoryInfo          : ${category}: (${target}) [${activity}], ${shortName(exception)}\n    + FullyQualifiedErrorId : ${id}\n \n`;
}

/** What a `throw` says of its value. */
export function thrownProblem(value: Value): Problem {
  const message = value === null ? 'ScriptHalted' : toText(value);
  return {
    message,
    category: 'OperationStopped',
    target:
      value === null
        ? ':'
        : `${message.length > 40 ? `${message.slice(0, 16)}...${message.slice(-17)}` : message}:String`,
    exception: 'RuntimeException',
    id: message,
  };
}

/** An error that ends more than its own command. */
export class Terminating extends Error {
  constructor(
    readonly problem: Problem,
    readonly place: Place,
    readonly record: PsObject,
    /** It ends the script, not only its statement. */
    public endsScript: boolean,
  ) {
    super(problem.message);
  }
}

export class ExitScript extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

export class LoopControl extends Error {
  constructor(readonly kind: 'break' | 'continue') {
    super(kind);
  }
}

export class ReturnFrom extends Error {
  constructor() {
    super('return');
  }
}

export function commandNotFound(name: string): Problem {
  return {
    message: `The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
    category: 'ObjectNotFound',
    target: `${name}:String`,
    exception: 'CommandNotFoundException',
    id: 'CommandNotFoundException',
    prefix: name,
  };
}

/** A script that does not come to its end. */
export class Endless extends Error {
  constructor(readonly isBusy: boolean) {
    super(isBusy ? 'it runs for ever' : 'it waits for ever');
  }
}
