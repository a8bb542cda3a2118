import type { Person } from '../../../core/access';
import { afterWorkingTime } from '../../../core/calendar';
import { UserError } from '../../../core/errors';
import type { RequestId, Verdict } from '../../../core/runs';
import { hours } from '../../../core/time';
import type { RunControl } from '../../../workflows/start';
import { people as known } from '../../support/azure-world';
import type { Saying } from './verdict';

/** A message of goldbot in the approval channel, as it stands there now, and all that it ever said. */
export interface Message {
  readonly topic: string;
  /** World time at which it was last drawn anew. */
  readonly drawnAt: Date;
  /** How often that changed what it looks like; Teams is not asked otherwise. */
  readonly edits: number;
  readonly text: string;
  /** From the first on, each from its world time until the next. */
  readonly sayings: readonly Saying[];
  readonly buttons: readonly Offered[];
}

/** A button, as it goes over the wire. */
export interface Offered {
  readonly verb: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Every button of a card, also those that unfold. */
export function buttonsOf(card: unknown): readonly Offered[] {
  if (Array.isArray(card)) return card.flatMap(buttonsOf);
  if (typeof card !== 'object' || card === null) return [];
  const { type, verb, data = {} } = card as { type?: string; verb?: string; data?: Offered['data'] };
  const own = type === 'Action.Execute' && verb !== undefined ? [{ verb, data }] : [];
  return [...own, ...Object.values(card).flatMap(buttonsOf)];
}

/** What people see and press in Teams. */
export interface Screen {
  /** The card of a topic as it is now. */
  card(topic: string): Promise<Pick<Message, 'text' | 'buttons'>>;
  press(person: Person, topic: string, button: Offered): Promise<unknown>;
}

interface Act {
  readonly at: Date;
  do(): Promise<unknown>;
}

interface Asked {
  readonly topic: string;
  readonly request: RequestId;
  readonly isSlow: boolean;
}

const { ada, grace, heidi } = known;
const zone = 'Europe/Berlin';

/**
 * Two who approve, mostly within a day, at times after the request has expired; who reject now and then; and one who
 * repairs what needs it, and publishes by hand what has expired or failed, from the base that the card names. They know what cards say, and press what cards offer.
 */
export class People {
  private readonly agenda: Act[] = [];
  private readonly seen = new Set<string>();
  private readonly slowly = new Set<string>();
  /** What they did, for the report. */
  readonly did: Record<string, number> = {};
  private acts = 0;

  constructor(
    private readonly control: RunControl,
    private readonly random: () => number,
    private readonly publish: (image: string, base: string | undefined) => Promise<unknown>,
    private readonly screen: Screen,
    /** Images that nobody decides about before their day is past. */
    private readonly slow: readonly string[] = [],
  ) {}

  next(): Date | undefined {
    return this.agenda[0]?.at;
  }

  /** Does what is due; gives whether there was anything. */
  async act(now: Date): Promise<boolean> {
    const due = this.agenda.filter(({ at }) => at <= now);
    this.agenda.splice(0, due.length);
    for (const { do: act } of due) {
      // Somebody else was quicker, or it is over; a replica's death takes an answer, and they press again.
      await act().catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
      });
    }
    return due.length > 0;
  }

  read(message: Message): void {
    const { topic, text, buttons, drawnAt: now } = message;
    const offered = (verb: string) => buttons.find((button) => button.verb === verb);
    const [approve, rebuild, publish] = ['approve', 'rebuild', 'publish'].map(offered);
    if (/^(approval|requests):/.test(topic)) {
      for (const [request, words] of approve ? [[approve.data['request'], text]] : listedIn(text)) {
        const asked = { topic, request: request as RequestId, isSlow: this.isSlow(String(words)) };
        this.once(asked.request, () => this.asked(asked, now));
      }
    }
    if (!topic.startsWith('run:')) return;
    if (rebuild) this.once(`${topic} ${attemptIn(text)}`, () => this.rebuild(rebuild, now));
    const [, image] = /^(?:Expired|Failed): (\S+)/.exec(text) ?? [];
    if (!image || !publish) return;
    // What the card proposes, when the marketplace gives the base to nobody any more.
    const [, base] = /--from (\d[\d.]*\d)/.exec(text) ?? [];
    this.once(`${topic} over`, () => this.later(now, 6, 'publish by hand', () => this.publish(image, base)));
  }

  private once(what: string, react: () => void): void {
    if (this.seen.has(what)) return;
    this.seen.add(what);
    react();
  }

  private isSlow(text: string): boolean {
    return this.slow.some((image) => text.includes(image));
  }

  private asked(asked: Asked, now: Date): void {
    if (asked.isSlow) this.slowly.add(asked.request);
    for (const person of [grace, heidi]) {
      const verdict = this.random() < 0.04 ? 'reject' : 'approve';
      const isSlow = this.random() < 0.12;
      // A schedule allows for twenty hours of work, and a request for a week.
      const takes = asked.isSlow ? 24 + this.random() * 4 : isSlow ? 20 + this.random() * 25 : this.random() * 10;
      const decide = () => this.decide(asked, { person, verdict });
      this.later(now, takes, isSlow || asked.isSlow ? `${verdict} slowly` : verdict, decide);
    }
  }

  /** With others where the card offers that; else the request is opened, and decided by itself. */
  private async decide({ topic, request }: Asked, { person, verdict }: { person: Person; verdict: Verdict }) {
    const { buttons } = await this.screen.card(topic);
    const together = buttons.find(({ verb }) => verb === 'approve-all');
    const requests = String(together?.data['requests'] ?? '').split(',');
    const isOffered = requests.includes(request) && !requests.some((one) => this.slowly.has(one));
    if (verdict === 'approve' && together && isOffered) {
      this.did['approve all'] = (this.did['approve all'] ?? 0) + 1;
      return this.screen.press(person, topic, together);
    }
    const opened = await this.screen.card(`approval:${request}`);
    const hash = opened.buttons.find(({ verb }) => verb === verdict)?.data['hash'];
    if (typeof hash !== 'string') return undefined;
    const intent = `decide-${++this.acts}`;
    return this.control.decide({ request, hash, person, verdict, reason: 'not like this', via: 'button', intent });
  }

  private rebuild({ data }: Offered, now: Date): void {
    const request = data['request'] as RequestId;
    const tell = () =>
      this.control.signal({ request, kind: 'rebuild', person: ada, body: {}, intent: `rebuild-${++this.acts}` });
    this.later(now, 1 + this.random() * 5, 'rebuild', tell);
  }

  /** After that many hours of work. */
  later(now: Date, takes: number, what: string, act: () => Promise<unknown>): void {
    const at = afterWorkingTime(now, hours(takes), zone);
    const counted = () => {
      this.did[what] = (this.did[what] ?? 0) + 1;
      return act();
    };
    this.agenda.push({ at, do: counted });
    this.agenda.sort((a, b) => a.at.getTime() - b.at.getTime());
  }
}

function attemptIn(text: string): string {
  return /attempt \d+/i.exec(text)?.[0] ?? '';
}

/** Open requests of a card that lists several, each with the words of its row. */
function listedIn(text: string): readonly (readonly [request: string, words: string])[] {
  return text.split('\n').flatMap((row) => {
    const [, request] = /(R-\w{5}) · \d+ of \d+ approvals/.exec(row) ?? [];
    return request === undefined ? [] : [[request, row] as const];
  });
}
