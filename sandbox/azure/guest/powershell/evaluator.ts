import { cast } from './cast';
import type { Engine, GivenArgument } from './engine';
import { formatOperator } from './formats';
import { invokeMember, memberOf } from './members';
import { arithmetic, combined, compared, OperatorError, regularExpression } from './operators';
import type { Runtime } from './runtime';
import { unknown } from './runtime';
import { invokeStatic, staticMember } from './statics';
import {
  type Argument,
  type Expression,
  type ExpressionOf,
  type Extent,
  NotModelled,
  type StatementOf,
} from './syntax';
import { Block, collected, itemsOf, PsObject, Table, TypeName, toBool, toNumber, toText, type Value } from './values';

/** Computes expressions. */
export class Evaluator {
  constructor(
    private readonly interpreter: Engine,
    private readonly runtime: Runtime,
  ) {}

  /** The value of an expression; what .NET refuses is an error of PowerShell at its place. */
  value(expression: Expression): Value {
    this.runtime.step();
    try {
      return this.compute(expression);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      throw this.runtime.terminating(
        { message: error.message, category: error.category, target: ':', exception: 'RuntimeException', id: error.id },
        expression,
      );
    }
  }

  private compute(e: Expression): Value {
    switch (e.kind) {
      case 'literal':
        return e.value;
      case 'expandable':
        return e.parts.map((part) => (typeof part === 'string' ? part : this.inString(part))).join('');
      case 'variable':
        return this.variable(e);
      case 'splat':
        return this.variable(e);
      case 'list':
        return e.items.map((item) => this.value(item));
      case 'array':
        return this.interpreter.values(e.body).flatMap((v) => (Array.isArray(v) && e.body.length === 1 ? v : [v]));
      case 'sub':
        return collected(this.interpreter.values(e.body));
      case 'paren':
        return this.paren(e);
      case 'hash':
        return this.hash(e);
      case 'block':
        return new Block(e.script, e.text);
      case 'type':
        return new TypeName(e.name);
      case 'cast':
        return this.castOf(e);
      case 'unary':
        return this.unary(e);
      case 'binary':
        return this.binary(e);
      case 'step':
        return this.stepped(e);
      case 'member':
        return this.member(e);
      case 'invoke':
        return this.invoke(e);
      default:
        return this.indexed(this.value(e.target), this.value(e.index));
    }
  }

  private inString(part: Expression): string {
    return toText(this.value(part));
  }

  private paren({ statement }: ExpressionOf<'paren'>): Value {
    if (statement.kind !== 'assign') return this.interpreter.valueOf(statement);
    this.assign(statement);
    return this.value(statement.target);
  }

  private hash(e: ExpressionOf<'hash'>): Table {
    const table = new Table();
    for (const [name, value] of e.entries) table.bag.set(toText(this.value(name)), this.interpreter.valueOf(value));
    return table;
  }

  private castOf({ type, operand }: ExpressionOf<'cast'>): Value {
    if (type.toLowerCase() === 'ordered') {
      const table = this.value(operand);
      return table instanceof Table ? new Table(table.bag, true) : table;
    }
    return cast(this.value(operand), type);
  }

  variable({ name, from, to }: { name: string } & Extent): Value {
    const [scope = '', bare = ''] = name.includes(':') ? name.split(/:(.*)/s) : ['', name];
    if (scope.toLowerCase() === 'env') return this.runtime.environment.get(bare) ?? null;
    if (scope.toLowerCase() === 'function') return null;
    const found = this.runtime.lookup(bare) ?? this.automatic(bare.toLowerCase());
    if (found === unknown) throw new NotModelled(`what reads $${bare}`, { from, to });
    return (found ?? null) as Value;
  }

  private automatic(name: string): Value {
    const { runtime } = this;
    switch (name) {
      case 'true':
        return true;
      case 'false':
        return false;
      case '?':
        return runtime.succeeded;
      case 'psitem':
        return this.variable({ name: '_', from: 0, to: 0 });
      case 'lastexitcode':
        return runtime.lastExit ?? null;
      case 'error':
        return runtime.errors;
      case 'pwd':
        return runtime.cwd;
      case 'home':
        return runtime.environment.get('USERPROFILE') ?? null;
      case 'pid':
        return 4_242;
      case 'pscommandpath':
        return runtime.place.file;
      case 'psscriptroot':
        return runtime.place.file.replace(/[\\/][^\\/]*$/, '');
      case 'psversiontable':
        return new Table(runtime.versionTable());
      case 'host':
        return PsObject.of('System.Management.Automation.Internal.Host.InternalHost', { Name: 'ConsoleHost' });
      default:
        return null;
    }
  }

  private unary({ operator, operand }: ExpressionOf<'unary'>): Value {
    const value = this.value(operand);
    if (operator === '!' || operator === '-not') return !toBool(value);
    if (operator === '-join') return itemsOf(value).map(toText).join('');
    if (operator === '-split') return itemsOf(value).flatMap((v) => toText(v).split(/\s+/).filter(Boolean));
    if (operator === '-') return arithmetic('-', 0, value);
    if (operator === '-bnot') return ~Number(value);
    return arithmetic('+', 0, value);
  }

  private binary({ operator, left, right }: ExpressionOf<'binary'>): Value {
    const name = operator.replace(/^-(?=[a-z])/, '');
    const first = this.value(left);
    if (name === 'and') return toBool(first) && toBool(this.value(right));
    if (name === 'or') return toBool(first) || toBool(this.value(right));
    const second = this.value(right);
    if (name === 'xor') return toBool(first) !== toBool(second);
    if (name === 'f') return formatOperator(toText(first), second);
    if (name === 'as') return this.castOrNull(first, second);
    if (/^[ci]?(?:not)?match$/.test(name) && !Array.isArray(first)) {
      return this.match(toText(first), toText(second), name.startsWith('c')) === !name.includes('not');
    }
    return compared(name, first, second) ?? combined(name, first, second) ?? arithmetic(operator, first, second);
  }

  private castOrNull(value: Value, type: Value): Value {
    try {
      return cast(value, type instanceof TypeName ? type.name : toText(type));
    } catch (error) {
      if (error instanceof OperatorError) return null;
      throw error;
    }
  }

  /** Whether a text matches; then `$Matches` holds what did. */
  match(text: string, pattern: string, caseSensitive = false): boolean {
    const found = regularExpression(pattern, caseSensitive).exec(text);
    if (!found) return false;
    const table = new Table();
    for (const [i, group] of found.entries()) if (group !== undefined) table.bag.set(String(i), group);
    for (const [name, group] of Object.entries(found.groups ?? {})) if (group !== undefined) table.bag.set(name, group);
    this.runtime.set('Matches', table);
    return true;
  }

  private stepped({ target, by, before }: ExpressionOf<'step'>): Value {
    const old = toNumber(this.value(target)) ?? 0;
    this.store(target, old + by);
    return before ? old + by : old;
  }

  private member({ target, name, isStatic, from, to }: ExpressionOf<'member'>): Value {
    const wanted = toText(this.value(name));
    const object = this.value(target);
    if (isStatic) return staticMember(this.runtime, object, wanted, { from, to });
    if (!Array.isArray(object)) return memberOf(object, wanted) ?? null;
    const own = memberOf(object, wanted);
    if (own !== undefined) return own;
    // A member of a list that it does not have itself is that of its items.
    return collected(object.flatMap((item) => itemsOf(memberOf(item, wanted))));
  }

  private invoke({ target, name, isStatic, args, from, to }: ExpressionOf<'invoke'>): Value {
    const wanted = toText(this.value(name));
    const object = this.value(target);
    const values = args.map((arg) => this.value(arg));
    if (isStatic) return invokeStatic(this.runtime, object, { name: wanted, args: values, extent: { from, to } });
    if (object === null) {
      throw this.runtime.terminating(
        {
          message: 'You cannot call a method on a null-valued expression.',
          category: 'InvalidOperation',
          exception: 'RuntimeException',
          id: 'InvokeMethodOnNull',
        },
        { from, to },
      );
    }
    return invokeMember(this.interpreter, object, { name: wanted, args: values, extent: { from, to } });
  }

  indexed(target: Value, index: Value): Value {
    if (Array.isArray(index)) return collected(index.map((one) => this.indexed(target, one)));
    if (target instanceof Table) {
      const byPlace = target.isOrdered && typeof index === 'number' ? target.bag.entries[index]?.[1] : undefined;
      return target.bag.get(toText(index)) ?? byPlace ?? null;
    }
    if (target instanceof PsObject) return target.bag.get(toText(index)) ?? (index === 0 ? target : null);
    if (target === null) {
      throw new OperatorError('Cannot index into a null array.', 'NullArray');
    }
    const list = typeof target === 'string' ? [...target] : itemsOf(target);
    const at = toNumber(index) ?? 0;
    return list.at(at < 0 || at < list.length ? at : list.length) ?? null;
  }

  assign({ target, operator, value, from, to }: StatementOf<'assign'>) {
    this.runtime.succeeded = true;
    const given = this.interpreter.valueOf(value);
    if (operator === '=') return this.store(target, given);
    try {
      this.store(target, arithmetic(operator.slice(0, -1), this.value(target), given));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const { message, category, id } = error;
      throw this.runtime.terminating({ message, category, exception: 'RuntimeException', id }, { from, to });
    }
  }

  private store(target: Expression, value: Value): void {
    if (target.kind === 'variable') this.storeVariable(target.name, value);
    else if (target.kind === 'cast') this.store(target.operand, this.castFor(target, value));
    else if (target.kind === 'list') this.storeList(target.items, itemsOf(value));
    else if (target.kind === 'index') this.storeIndexed(this.value(target.target), this.value(target.index), value);
    else if (target.kind === 'member') this.storeMember(target, value);
    else throw new NotModelled('this kind of assignment', target);
  }

  /** One value each, and the last one gets what is left. */
  private storeList(targets: readonly Expression[], values: readonly Value[]): void {
    for (const [i, item] of targets.entries()) {
      const isLast = i === targets.length - 1;
      this.store(item, isLast ? collected(values.slice(i)) : (values[i] ?? null));
    }
  }

  private castFor({ type, from, to }: ExpressionOf<'cast'>, value: Value): Value {
    try {
      return cast(value, type);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      const problem = {
        message: error.message,
        category: 'MetadataError',
        exception: 'ArgumentTransformationMetadataException',
        id: 'RuntimeException',
      };
      throw this.runtime.terminating(problem, { from, to });
    }
  }

  private storeVariable(name: string, value: Value): void {
    const [scope = '', bare = ''] = name.includes(':') ? name.split(/:(.*)/s) : ['', name];
    if (scope.toLowerCase() === 'env') {
      if (value === null || value === '') this.runtime.environment.delete(bare);
      else this.runtime.environment.set(bare, toText(value));
      return;
    }
    if (bare.toLowerCase() === 'null') return;
    if (bare.toLowerCase() === 'lastexitcode') this.runtime.lastExit = toNumber(value);
    else this.runtime.set(bare, value, scope === 'global' || scope === 'script' ? 'global' : 'local');
  }

  private storeIndexed(target: Value, index: Value, value: Value): void {
    if (target instanceof Table) target.bag.set(toText(index), value);
    else if (Array.isArray(target)) target[toNumber(index) ?? 0] = value;
    else throw new NotModelled('an assignment to an index of this');
  }

  private storeMember({ target, name, isStatic, from, to }: ExpressionOf<'member'>, value: Value): void {
    const object = this.value(target);
    const wanted = toText(this.value(name));
    // Encodings and protocols of the process: nothing in the guest changes by them.
    if (isStatic) return;
    if (object instanceof Table || object instanceof PsObject) object.bag.set(wanted, value);
    else {
      throw this.runtime.terminating(
        {
          message: `The property '${wanted}' cannot be found on this object. Verify that the property exists and can be set.`,
          category: 'InvalidOperation',
          exception: 'RuntimeException',
          id: 'PropertyNotFound',
        },
        { from, to },
      );
    }
  }

  /** The arguments of a command, with splatted tables opened. */
  args(args: readonly Argument[]): GivenArgument[] {
    return args.flatMap((arg): GivenArgument[] => {
      const extent = { from: arg.from, to: arg.to };
      if (arg.kind === 'parameter') {
        return [{ name: arg.name, ...(arg.value && { value: this.value(arg.value) }), extent }];
      }
      const value = this.value(arg.value);
      if (arg.value.kind !== 'splat') return [{ value, extent }];
      if (!(value instanceof Table)) return itemsOf(value).map((item) => ({ value: item, extent }));
      // `name:` with its value: so that a switch that is `$false` stays one.
      return value.bag.entries.map(([name, v]) => ({ name, value: v, extent }));
    });
  }
}
