import type { Json, SandboxResponse } from '../kernel/types';

/** A script asked for something that cannot be; the answer says what and, where it helps, what exists. */
export class Refusal extends Error {
  readonly response: SandboxResponse;

  constructor(status: number, code: string, message: string, more: Record<string, Json> = {}) {
    super(message);
    this.response = { status, body: { error: { code, message, ...more } } };
  }
}
