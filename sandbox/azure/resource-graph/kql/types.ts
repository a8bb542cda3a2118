import type { Expression } from './ast';
import { semanticError } from './errors';
import { resultType } from './functions';
import { type Columns, columnAt, type Type } from './schema';

/** @throws KqlError for columns or functions that are not there. */
export function typeOf(expression: Expression, columns: Columns): Type {
  switch (expression.kind) {
    case 'literal':
      return expression.real ? 'real' : literalType(expression.value);
    case 'name':
      return columns[columnAt(expression.name, columns)]?.type ?? 'dynamic';
    case 'member':
    case 'index':
    case 'dynamic':
      return 'dynamic';
    case 'in':
    case 'between':
      return 'bool';
    case 'call':
      return resultType(
        expression.name,
        expression.args.map((arg) => typeOf(arg, columns)),
      );
    case 'binary':
      return binaryType(expression.operator, typeOf(expression.left, columns), typeOf(expression.right, columns));
  }
}

function literalType(value: Extract<Expression, { kind: 'literal' }>['value']): Type {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'long';
  return value instanceof Date ? 'datetime' : 'timespan';
}

function binaryType(operator: string, left: Type, right: Type): Type {
  if (!/^[-+*/%]$/.test(operator)) return 'bool';
  if (left === 'datetime') return right === 'datetime' ? 'timespan' : 'datetime';
  if (left === 'timespan') return operator === '/' && right === 'timespan' ? 'real' : 'timespan';
  return left === 'real' || right === 'real' ? 'real' : 'long';
}

const numeric: readonly Type[] = ['long', 'real'];

/** @throws KqlError when values of these types can be neither equal nor ordered. */
export function mustCompare(left: Type, right: Type): void {
  if (left === right || left === 'dynamic' || right === 'dynamic') return;
  if (numeric.includes(left) && numeric.includes(right)) return;
  throw semanticError(`Cannot compare values of types ${left} and ${right}. Try adding explicit casts`);
}

/** @throws KqlError for a dynamic value where Kusto needs one that it can order and compare. */
export function mustBeScalar(expression: Expression, columns: Columns, role: string): void {
  if (typeOf(expression, columns) !== 'dynamic') return;
  throw semanticError(
    `${role} is of a 'dynamic' type. Please use an explicit cast (for example, 'tostring(...)') as a 'dynamic' type is not supported here.`,
  );
}
