import { random } from '../sandbox/azure/estate/random';

export interface Posting {
  readonly status: 201 | 429;
  readonly retryAfterMs: number;
}

/** A Teams that takes 30 messages a second of one tenant and refuses one in a hundred besides; machine time. */
export class StubTeams {
  /** How often each conversation got the message. */
  readonly delivered = new Map<string, number>();
  requests = 0;
  refused = 0;
  private readonly next = random(7);
  private tokens = 30;
  private at = performance.now();

  post(conversation: string): Posting {
    this.requests += 1;
    const now = performance.now();
    this.tokens = Math.min(30, this.tokens + ((now - this.at) / 1_000) * 30);
    this.at = now;
    if (this.tokens < 1 || this.next() < 0.01) {
      this.refused += 1;
      return { status: 429, retryAfterMs: 1_000 };
    }
    this.tokens -= 1;
    this.delivered.set(conversation, (this.delivered.get(conversation) ?? 0) + 1);
    return { status: 201, retryAfterMs: 0 };
  }

  /** Of so many conversations: how many got nothing, and how many more than once. */
  mistakes(conversations: readonly string[]): { readonly lost: number; readonly twice: number } {
    return {
      lost: conversations.filter((id) => !this.delivered.has(id)).length,
      twice: [...this.delivered.values()].filter((n) => n > 1).length,
    };
  }
}
