import type { Reply } from '../cards';
import { isUserError } from '../core/errors';
import { bugAnswer, type ConversationHandlers, newBug, refusalAnswer, type TextAnswer, type Turn } from '../dialogs';
import type { Queryable } from '../store';
import { conversationOf, type TeamsActivity } from './activity';
import { type Clicks, type InvokeAnswer, line } from './clicks';
import { answerDelivery, noteDelivery } from './deliveries';
import { type Log, QuietLog } from './log';
import { type Places, type TeamLooks, tenantOf } from './places';
import type { Speaker } from './speaker';
import type { Address } from './teams';

export interface TurnsDeps {
  readonly database: Queryable;
  readonly conversation: Pick<ConversationHandlers, 'handleText'>;
  readonly clicks: Clicks;
  readonly places: Places;
  readonly speaker: Speaker;
  readonly log: Log;
}

/** An answer may use 2.6 s of this; what takes longer, as a reply that waits for the pace, goes on after the turn. */
const turnMs = 2_900;
/** A message has one id for ever, and Teams repeats for minutes. */
export const messageWindowMs = 24 * 3_600_000;

/** What goldbot does about an activity that the front door let in. */
export class Turns {
  private readonly running = new Set<Promise<unknown>>();
  private readonly quiet: QuietLog;

  constructor(private readonly deps: TurnsDeps) {
    this.quiet = new QuietLog(deps.log);
  }

  /** Ends within the time that Teams allows. Gives the body of an invoke's answer; undefined for everything else. */
  async take(activity: TeamsActivity, looks: TeamLooks): Promise<InvokeAnswer | undefined> {
    switch (activity.type) {
      case 'message':
        await this.within(this.message(activity, looks));
        return undefined;
      case 'invoke':
        return this.click(activity, looks);
      case 'conversationUpdate':
      case 'installationUpdate':
        await this.within(this.deps.places.changed(activity, looks));
        return undefined;
      default:
        return undefined;
    }
  }

  /** Resolves when everything that went on after its turn is done. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private async message(activity: TeamsActivity, looks: TeamLooks): Promise<void> {
    const address = addressOfActivity(activity);
    const person = personOf(activity);
    if (!person)
      return this.quiet.warn('no-person', { from: activity.from.id }, 'a message without an Entra object id');
    try {
      const key = `message ${activity.conversation.id} ${activity.id ?? ''}`;
      const noted = await noteDelivery(this.deps.database, key, messageWindowMs);
      if (noted.state !== 'first') return;
      const name = await this.deps.places.heardFrom(activity, looks);
      const turn = turnOf(activity, { person, name, intent: key });
      const answer = await this.deps.conversation.handleText(turn, activity.text ?? '');
      this.logBug(answer);
      await this.reply(address, answer, activity.id ?? '');
      await answerDelivery(this.deps.database, key, null);
    } catch (error) {
      await this.deps.speaker.say(address, this.explain(error));
    }
  }

  private async reply(address: Address, answer: TextAnswer, question: string): Promise<void> {
    const { topic } = answer;
    if (topic === undefined) await this.deps.speaker.say(address, answer);
    else await this.deps.speaker.follow(address, { ...answer, topic }, question);
  }

  private async click(activity: TeamsActivity, looks: TeamLooks): Promise<InvokeAnswer | undefined> {
    const person = personOf(activity);
    if (!person) return line('Teams did not say who you are; nothing was done. Type the command instead.');
    const name = await this.deps.places.heardFrom(activity, looks).catch(() => undefined);
    const turn = turnOf(activity, { person, name, intent: `click ${activity.id ?? ''}` });
    return this.deps.clicks.answer(activity, turn, (work) => this.keep(work));
  }

  /** A failure of the edge itself; what commands refuse is explained by the dialogs. */
  private explain(error: unknown): Reply {
    if (isUserError(error)) {
      this.quiet.warn(error.code, {}, 'a message could not be taken');
      return refusalAnswer(error);
    }
    const bug = newBug(error);
    this.logBug({ bug });
    return bugAnswer(bug);
  }

  private logBug({ bug }: Pick<TextAnswer, 'bug'>): void {
    if (bug) this.deps.log.error({ reference: bug.reference, err: bug.error }, 'a command broke');
  }

  private async within(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, turnMs);
    });
    try {
      await Promise.race([this.keep(work), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private keep<T>(work: Promise<T>): Promise<T> {
    const kept = work.finally(() => this.running.delete(kept));
    this.running.add(kept);
    kept.catch((err) => this.quiet.warn(isUserError(err) ? err.code : 'broken', { err }, 'a turn broke'));
    return kept;
  }
}

export function addressOfActivity(activity: TeamsActivity): Address {
  const { id, ...rest } = conversationOf(activity);
  return { ...rest, conversationId: id, tenantId: tenantOf(activity), serviceUrl: activity.serviceUrl };
}

type Person = Turn['person'];

/** By the object id that Teams vouches for; nothing else identifies a person. */
function personOf(activity: TeamsActivity): Person | undefined {
  const { aadObjectId, name } = activity.from;
  if (!aadObjectId) return undefined;
  return { oid: aadObjectId, name: name ?? 'somebody', tenantId: tenantOf(activity) };
}

interface Known {
  readonly person: Person;
  readonly name: string | undefined;
  readonly intent: string;
}

function turnOf(activity: TeamsActivity, { person, name, intent }: Known): Turn {
  const { locale, localTimezone } = activity;
  return {
    person,
    conversation: { ...conversationOf(activity), ...(name !== undefined && { name }) },
    intent,
    ...(locale !== undefined && { locale }),
    ...(localTimezone !== undefined && { timeZone: localTimezone }),
  };
}
