import type { Json } from '../../../kernel/types';

/** A query that Resource Graph refuses; `detail` goes into `error.details` of its 400. */
export class KqlError extends Error {
  override readonly name = 'KqlError';
  constructor(readonly detail: { readonly code: string; readonly message: string; readonly [more: string]: Json }) {
    super(detail.message);
  }
}

export interface Place {
  readonly line: number;
  /** Counted from 0, as Resource Graph does. */
  readonly column: number;
}

export function parserFailure(place: Place, token: string, expected: string): KqlError {
  return new KqlError({
    code: 'ParserFailure',
    message: 'ParserFailure',
    line: place.line,
    characterPositionInLine: place.column,
    token,
    expectedToken: expected,
  });
}

export function semanticError(message: string): KqlError {
  return new KqlError({ code: 'SemanticError', message });
}
