import type { World } from '../kernel/world';
import type { Message, Place } from './model';

interface TeamsSection {
  messages: Message[];
  lastId: number;
}

/** What the page hears about, one line each. */
export type ChatEvent =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'typing'; readonly conversationId: string; readonly rootId?: string }
  | { readonly kind: 'clock' | 'reset' | 'bot' };

export type NewMessage = Pick<Message, 'fromId' | 'from' | 'text'> &
  Partial<Pick<Message, 'summary' | 'card' | 'mentions' | 'alert' | 'replyToId' | 'pending' | 'onlyFor'>>;

/** Targeted messages vanish from people's screens after this. */
const targetedMs = 24 * 60 * 60 * 1_000;

/** Everything that was said, and who listens. */
export class Chat {
  private readonly listeners = new Set<(event: ChatEvent) => void>();

  constructor(private readonly world: World) {}

  private get section(): TeamsSection {
    return this.world.section<TeamsSection>('teams', () => ({ messages: [], lastId: 0 }));
  }

  /** Ids are the milliseconds of world time, as in Teams, and never repeat. */
  newId(): string {
    const { section } = this;
    section.lastId = Math.max(section.lastId + 1, Math.floor(this.world.clock.nowMs()));
    return String(section.lastId);
  }

  post(place: Place, message: NewMessage): Message {
    const posted: Message = {
      id: this.newId(),
      conversationId: place.conversation.id,
      ...(place.rootId && { rootId: place.rootId }),
      ...message,
      at: this.world.clock.now().toISOString(),
    };
    this.section.messages.push(posted);
    this.changed(posted);
    return posted;
  }

  /** Says that this message, changed in place, must be saved and shown again. */
  changed(message: Message): void {
    this.world.touch();
    this.tell({ kind: 'message', message });
  }

  edited(message: Message): void {
    message.updatedAt = this.world.clock.now().toISOString();
    this.changed(message);
  }

  find(id: string): Message | undefined {
    return this.section.messages.findLast((m) => m.id === id);
  }

  /** Oldest first; of one thread when the place names its root. */
  list({ conversation, rootId }: Place): Message[] {
    return this.section.messages.filter(
      (m) =>
        m.conversationId === conversation.id &&
        !m.deleted &&
        !this.hasVanished(m) &&
        (!rootId || m.id === rootId || m.rootId === rootId),
    );
  }

  private hasVanished({ onlyFor, at }: Message): boolean {
    return onlyFor !== undefined && this.world.clock.nowMs() - Date.parse(at) > targetedMs;
  }

  tell(event: ChatEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Returns how to stop listening. */
  listen(listener: (event: ChatEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
