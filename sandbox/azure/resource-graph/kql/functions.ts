import type { Definition, Scalar } from './definition';
import { KqlError, semanticError } from './errors';
import { scalars } from './scalars';
import type { Type } from './schema';

function definition(name: string): Definition {
  const found = Object.hasOwn(scalars, name) ? scalars[name] : undefined;
  if (found) return found;
  throw new KqlError({ code: 'UnknownFunction', message: `Unknown function: '${name}'.` });
}

/** @throws KqlError UnknownFunction, or an error about the number of arguments. */
export function scalarFunction(name: string, args: number): Scalar {
  const { arity, call } = definition(name);
  const [least, most] = arity;
  const odd = name === 'case' && args % 2 === 0;
  if (args < least || args > most || odd) {
    const more = odd ? ', always an odd number' : most === least ? '' : ' or more';
    throw semanticError(`The function '${name}' was called with ${args} arguments; it takes ${least}${more}.`);
  }
  return call;
}

/** @throws KqlError UnknownFunction. */
export function resultType(name: string, args: readonly Type[]): Type {
  const { type } = definition(name);
  return typeof type === 'number' ? (args[type] ?? 'dynamic') : type;
}
