import { bind, type Cmdlet } from './call';
import { cast } from './cast';
import { display } from './display';
import type { Emit, Engine, GivenArgument } from './engine';
import { commandNotFound, ExitScript, LoopControl, ReturnFrom, Terminating, thrownProblem } from './errors';
import { Evaluator } from './evaluator';
import type { Native } from './native';
import { same } from './operators';
import { parse } from './parser';
import type { Runtime } from './runtime';
import { unknown } from './runtime';
import {
  type Command,
  type Evaluated,
  type Expression,
  NotModelled,
  type Parameter,
  type Redirection,
  type Script,
  type Statement,
  type StatementOf,
} from './syntax';
import { Block, collected, itemsOf, PsObject, toBool, toNumber, toText, type Value, wildcard } from './values';

export interface Commands {
  cmdlet(name: string): Cmdlet | undefined;
  native(name: string): Native | undefined;
}

interface Stage {
  readonly input: readonly Value[];
  readonly isFirst: boolean;
  readonly variables?: Readonly<Record<string, Value>>;
}

/** Runs statements: what they leave goes to `emit`. */
export class Interpreter implements Engine {
  private readonly evaluator: Evaluator;

  constructor(
    readonly runtime: Runtime,
    private readonly commands: Commands,
  ) {
    this.evaluator = new Evaluator(this, runtime);
  }

  /** The script itself: its parameters, and what it leaves. */
  main(script: Script, args: readonly GivenArgument[], emit: Emit): void {
    const given = this.parameters(script.parameters, args);
    for (const [name, value] of Object.entries(given)) this.runtime.set(name, value);
    this.fallbacks(script.parameters, given);
    try {
      this.run([...(script.begin ?? []), ...(script.process ?? []), ...script.body], emit);
    } catch (error) {
      if (!(error instanceof ReturnFrom)) throw error;
    }
  }

  knows(name: string): boolean {
    return Boolean(
      this.runtime.functions.has(name.toLowerCase()) || this.commands.cmdlet(name) || this.commands.native(name),
    );
  }

  /** Statements one after the other. What ends one alone is said, and the next one runs. */
  run(statements: readonly Statement[], emit: Emit): void {
    for (const statement of statements) {
      this.runtime.step();
      try {
        this.statement(statement, emit);
      } catch (error) {
        if (error instanceof NotModelled) this.skip(error, statement);
        else if (error instanceof Terminating && !error.endsScript && this.runtime.tries === 0) this.reported(error);
        else throw error;
      }
    }
  }

  /** In a customizer the statement did not happen, and whatever reads what it sets does not happen either. */
  private skip(error: NotModelled, statement: Statement): void {
    if (this.runtime.mode === 'strict') throw error;
    this.runtime.note(error.what);
    if (statement.kind === 'assign' && statement.target.kind === 'variable') {
      this.runtime.set(statement.target.name.replace(/^(?:script|global|local):/i, ''), unknown);
    }
  }

  private reported(error: Terminating): void {
    this.runtime.errors.unshift(error.record);
    this.runtime.succeeded = false;
    this.runtime.write('err', this.runtime.errorTextOf(error));
  }

  values(statements: readonly Statement[]): Value[] {
    const found: Value[] = [];
    this.run(statements, (value) => found.push(value));
    return found;
  }

  /** What a statement leaves, as one value. */
  valueOf(statement: Statement): Value {
    if (statement.kind === 'pipeline' && statement.elements.length === 1) {
      const [only] = statement.elements;
      if (only?.kind === 'evaluated' && only.redirections.length === 0) return this.evaluator.value(only.expression);
    }
    const found: Value[] = [];
    this.statement(statement, (value) => found.push(value));
    return collected(found);
  }

  statement(statement: Statement, emit: Emit) {
    switch (statement.kind) {
      case 'pipeline':
        return this.pipeline(statement.elements, emit);
      case 'assign':
        return this.evaluator.assign(statement);
      case 'if':
        return this.ifStatement(statement, emit);
      case 'while':
        return this.whileStatement(statement, emit);
      case 'for':
        return this.forStatement(statement, emit);
      case 'foreach':
        return this.foreachStatement(statement, emit);
      case 'switch':
        return this.switchStatement(statement, emit);
      case 'try':
        return this.tryStatement(statement, emit);
      case 'function':
        this.runtime.functions.set(statement.name.toLowerCase(), statement.script);
        return;
      case 'throw':
        return this.throwStatement(statement);
      case 'return':
        if (statement.value) for (const value of itemsOf(this.valueOf(statement.value))) emit(value);
        throw new ReturnFrom();
      case 'exit':
        throw new ExitScript(statement.value ? (toNumber(this.valueOf(statement.value)) ?? 0) : 0);
      default:
        throw new LoopControl(statement.kind);
    }
  }

  private ifStatement({ clauses, otherwise }: StatementOf<'if'>, emit: Emit): void {
    const taken = clauses.find(({ test }) => toBool(this.valueOf(test)));
    const body = taken?.body ?? otherwise;
    if (body) this.run(body, emit);
  }

  /** Whether the loop goes on after this turn of its body. */
  private turn(body: readonly Statement[], emit: Emit): boolean {
    this.runtime.step();
    try {
      this.run(body, emit);
    } catch (error) {
      if (!(error instanceof LoopControl)) throw error;
      return error.kind === 'continue';
    }
    return true;
  }

  private whileStatement({ test, body, after, until }: StatementOf<'while'>, emit: Emit): void {
    if (after && !this.turn(body, emit)) return;
    while (toBool(this.valueOf(test)) !== until) if (!this.turn(body, emit)) return;
  }

  private forStatement({ start, test, next, body }: StatementOf<'for'>, emit: Emit): void {
    const quiet: Emit = () => undefined;
    if (start) this.statement(start, quiet);
    while (!test || toBool(this.valueOf(test))) {
      if (!this.turn(body, emit)) return;
      if (next) this.statement(next, quiet);
    }
  }

  private foreachStatement({ variable, items, body }: StatementOf<'foreach'>, emit: Emit): void {
    for (const item of itemsOf(this.valueOf(items))) {
      this.runtime.set(variable, item);
      if (!this.turn(body, emit)) return;
    }
  }

  private switchStatement({ how, value, cases }: StatementOf<'switch'>, emit: Emit): void {
    for (const item of itemsOf(this.valueOf(value))) {
      this.runtime.set('_', item);
      const fits = (test: Value): boolean => {
        if (test instanceof Block) return toBool(collected(this.callBlock(test, { _: item })));
        if (how.includes('regex')) return toBool(this.evaluator.match(toText(item), toText(test)));
        return how.includes('wildcard') ? wildcard(toText(test)).test(toText(item)) : same(item, test);
      };
      const taken = cases.filter((c) => c.test !== undefined && fits(this.evaluator.value(c.test)));
      const bodies = taken.length > 0 ? taken : cases.filter((c) => c.test === undefined);
      for (const { body } of bodies) if (!this.turn(body, emit)) break;
    }
  }

  private tryStatement({ body, catches, last }: StatementOf<'try'>, emit: Emit): void {
    const { runtime } = this;
    try {
      runtime.tries += 1;
      try {
        this.run(body, emit);
      } finally {
        runtime.tries -= 1;
      }
    } catch (error) {
      if (!(error instanceof Terminating)) throw error;
      const taken = catches.find(({ types }) => types.length === 0 || types.some((type) => isException(error, type)));
      if (!taken) throw error;
      runtime.errors.unshift(error.record);
      const before = runtime.lookup('_');
      runtime.set('_', error.record);
      this.run(taken.body, emit);
      runtime.set('_', before ?? null);
    } finally {
      if (last) this.run(last, emit);
    }
  }

  private throwStatement(statement: StatementOf<'throw' | 'return' | 'exit'>): never {
    const value = statement.value ? this.valueOf(statement.value) : (this.runtime.lookup('_') ?? null);
    if (value === unknown) throw new NotModelled('throw');
    if (value instanceof PsObject && value.type.endsWith('ErrorRecord')) {
      const problem = this.runtime.problemOf(value);
      throw new Terminating(problem, this.runtime.placeOf(statement), value, true);
    }
    const said = value instanceof PsObject && value.bag.has('Message') ? (value.bag.get('Message') ?? null) : value;
    const thrown = this.runtime.terminating(thrownProblem(said as Value), statement, value as Value);
    thrown.endsScript = true;
    throw thrown;
  }

  /** Each element gets what the one before it left. */
  pipeline(elements: readonly (Command | Evaluated)[], emit: Emit) {
    let input: Value[] = [];
    for (const [i, element] of elements.entries()) {
      const isLast = i === elements.length - 1;
      const next: Value[] = [];
      const to: Emit = isLast ? emit : (value) => next.push(value);
      this.redirected(element.redirections, to, (out) => {
        if (element.kind === 'command') return this.command(element, { input, isFirst: i === 0 }, out);
        if (i > 0) throw new NotModelled('an expression in the middle of a pipeline', element);
        const value = this.evaluator.value(element.expression);
        this.runtime.succeeded = true;
        for (const item of leftBy(element.expression, value)) out(item);
      });
      input = next;
    }
  }

  private redirected(redirections: readonly Redirection[], emit: Emit, run: (out: Emit) => void) {
    if (redirections.length === 0) return run(emit);
    const { runtime } = this;
    const kept: Value[] = [];
    const before = runtime.output.length;
    const toFile = redirections.find((r) => r.to !== '&1' && (r.stream === '1' || r.stream === '*'));
    const errors = redirections.find((r) => r.stream === '2' || r.stream === '*');
    run(toFile ? (value) => kept.push(value) : emit);
    if (errors) {
      const written = runtime.output.splice(before);
      for (const line of written) {
        if (line.stream === 'out') runtime.output.push(line);
        else if (errors.to === '&1') (toFile ? (v: Value) => kept.push(v) : emit)(line.text.replace(/\n$/, ''));
      }
    }
    if (toFile && toFile.to !== '&1') this.toFile(this.evaluator.value(toFile.to), kept, toFile.append);
  }

  private toFile(target: Value, values: readonly Value[], append: boolean) {
    if (target === null) return;
    const { files } = this.runtime;
    const path = this.runtime.filePath(toText(target));
    const text = display(values);
    files.write(path, (append ? (files.read(path) ?? '') : '') + text);
  }

  private command(command: Command, stage: Stage, emit: Emit) {
    const { runtime } = this;
    const target = this.evaluator.value(command.name);
    const args = this.evaluator.args(command.args);
    runtime.succeeded = true;
    if (target instanceof Block) return this.callFunction(target.script, args, stage, emit);
    const name = toText(target);
    const script = runtime.functions.get(name.toLowerCase());
    if (script) return this.callFunction(script, args, stage, emit);
    const cmdlet = this.commands.cmdlet(name);
    if (cmdlet) return cmdlet.run(bind(cmdlet, { engine: this, args, ...stage, extent: command, emit }));
    if (/\.ps1$/i.test(name)) return this.callFile(name, command, emit);
    const native = this.commands.native(name);
    if (native) return this.callNative(native, name, { args, input: stage.input }, emit);
    // The sandbox cannot tell a command that it does not model from one that does not exist.
    throw new NotModelled(name, command);
  }

  private callNative(
    native: Native,
    name: string,
    { args, input }: { args: readonly GivenArgument[]; input: readonly Value[] },
    emit: Emit,
  ): void {
    const { runtime } = this;
    const words = args.flatMap((arg) => [
      ...(arg.name === undefined ? [] : [`-${arg.name}`]),
      ...('value' in arg ? itemsOf(arg.value).map(toText) : []),
    ]);
    const code = native({
      engine: this,
      name,
      args: words,
      input: input.map((line) => `${toText(line)}\n`).join(''),
      print: (text) => {
        for (const line of text.replace(/\n$/, '').split('\n')) emit(line);
      },
      complain: (text) => runtime.write('err', text),
    });
    runtime.lastExit = code;
    runtime.succeeded = code === 0;
  }

  private callFile(name: string, command: Command, emit: Emit): void {
    const path = this.runtime.filePath(name);
    const text = this.runtime.files.read(path);
    if (text === undefined) throw this.runtime.terminating(commandNotFound(name), command);
    if (text.startsWith('sandbox: not fetched')) throw new NotModelled(`${name}, which was not fetched`, command);
    this.callText(text, path, this.evaluator.args(command.args), emit);
  }

  callText(text: string, file: string, args: readonly GivenArgument[], emit: Emit): void {
    const { runtime } = this;
    const before = runtime.place;
    runtime.place = { file, text };
    try {
      this.callFunction(parse(text), args, { input: [], isFirst: true }, emit);
    } catch (error) {
      if (!(error instanceof ExitScript)) throw error;
      runtime.lastExit = error.code;
    } finally {
      runtime.place = before;
    }
  }

  /** A script block with variables of its own; `return` ends it. */
  callBlock(block: Block, variables: Readonly<Record<string, Value>>, args: readonly GivenArgument[] = []): Value[] {
    const found: Value[] = [];
    this.callFunction(block.script, args, { input: [], isFirst: true, variables }, (value) => found.push(value));
    return found;
  }

  /** Like a block of `ForEach-Object`: in the scope of whoever calls. */
  inPlace(block: Block, item: Value, emit: Emit): void {
    const { runtime } = this;
    const before = runtime.lookup('_');
    runtime.set('_', item);
    try {
      this.run(block.script.process ?? block.script.body, emit);
    } catch (error) {
      if (!(error instanceof ReturnFrom)) throw error;
    } finally {
      if (before !== undefined) runtime.set('_', before);
    }
  }

  private callFunction(
    script: Script,
    args: readonly GivenArgument[],
    { input, isFirst, variables = {} }: Stage,
    emit: Emit,
  ): void {
    const given = this.parameters(script.parameters, args);
    this.runtime.inScope({ ...variables, ...given, ...(isFirst ? {} : { input: [...input] }) }, () => {
      this.fallbacks(script.parameters, given);
      try {
        if (script.begin) this.run(script.begin, emit);
        for (const item of script.process ? (isFirst ? [null] : input) : []) {
          this.runtime.set('_', item);
          this.run(script.process ?? [], emit);
        }
        this.run(script.body, emit);
      } catch (error) {
        if (!(error instanceof ReturnFrom)) throw error;
      }
    });
  }

  /** The parameters of a function by name or place; the rest is `$args`. */
  private parameters(parameters: readonly Parameter[], args: readonly GivenArgument[]): Record<string, Value> {
    const given: Record<string, Value> = {};
    const loose: Value[] = [];
    const rest = [...args];
    for (let arg = rest.shift(); arg; arg = rest.shift()) {
      const { name } = arg;
      const wanted =
        name === undefined ? undefined : parameters.find((p) => p.name.toLowerCase().startsWith(name.toLowerCase()));
      if (!wanted)
        loose.push(...(name === undefined ? [] : [`-${name}`]), ...('value' in arg ? [arg.value ?? null] : []));
      else if ('value' in arg) given[wanted.name] = arg.value ?? null;
      else given[wanted.name] = wanted.type?.toLowerCase() === 'switch' ? true : (rest.shift()?.value ?? null);
    }
    for (const { name } of parameters) if (!(name in given) && loose.length > 0) given[name] = loose.shift() ?? null;
    for (const { name, type } of parameters) if (name in given && type) given[name] = cast(given[name] ?? null, type);
    return { ...given, args: loose };
  }

  private fallbacks(parameters: readonly Parameter[], given: Readonly<Record<string, Value>>): void {
    for (const { name, type, fallback, mandatory } of parameters) {
      if (name in given) continue;
      if (mandatory) throw new NotModelled(`a question for the mandatory parameter ${name}`);
      const nothing = type?.toLowerCase() === 'switch' ? false : type?.toLowerCase() === 'string' ? '' : null;
      this.runtime.set(name, fallback ? this.evaluator.value(fallback) : nothing);
    }
  }
}

/** What an expression leaves in a pipeline: a variable without a value leaves that, a call that gave nothing leaves nothing. */
function leftBy({ kind }: Expression, value: Value): Value[] {
  if (kind === 'step') return [];
  const isNothing = value === null && ['variable', 'member', 'index', 'literal'].includes(kind);
  return isNothing ? [null] : itemsOf(value);
}

function isException(error: Terminating, type: string): boolean {
  const wanted = type.toLowerCase().replace(/^system\./, '');
  if (wanted === 'exception' || wanted === 'management.automation.runtimeexception') return true;
  const actual = error.problem.exception.toLowerCase().replace(/^system\./, '');
  return actual === wanted || actual.split('.').at(-1) === wanted.split('.').at(-1);
}
