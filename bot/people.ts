import { type Caller, type Person, personOf } from '../core/access';
import type { Clock } from '../core/time';
import type { MentionedPerson } from '../dialogs';
import { type Database, meet } from '../store';
import { conversationOf, mentionedIn, type TeamsActivity } from './activity';
import type { Log } from './log';
import { isTeamsError } from './teams';

const rememberedPeople = 5_000;

export interface PeopleDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Who somebody is whom a message mentions there; undefined: nobody of that conversation. @throws TeamsError */
  readonly memberAt: (address: MemberAddress) => Promise<Partial<Person> | undefined>;
}

/** Where Teams is asked about a member, by the id that Teams gives people for goldbot alone. */
export interface MemberAddress {
  readonly serviceUrl: string;
  readonly conversationId: string;
  readonly userId: string;
}

/**
 * The people whom goldbot meets in Teams, whose names it keeps: it may not read Entra's list of people. Teams vouches for
 * their object ids; their names are for people to read.
 */
export class People {
  /** Names by object id, as this replica has kept them. */
  private readonly met = new Map<string, string>();

  constructor(private readonly deps: PeopleDeps) {}

  /** Called for every message and click. @throws UserError `DATABASE_SILENT`. */
  async heardFrom({ oid, name, application }: Caller): Promise<void> {
    if (application === undefined) await this.keep({ oid, name });
  }

  /** Whom a message mentions beside goldbot, in order. Teams is asked once, when somebody wants to know. */
  mentioned(activity: TeamsActivity): () => Promise<readonly MentionedPerson[]> {
    let asked: Promise<readonly MentionedPerson[]> | undefined;
    return () => {
      asked ??= Promise.all(mentionedIn(activity).map((account) => this.whois(activity, account)));
      return asked;
    };
  }

  private async whois(activity: TeamsActivity, { id, name }: ReturnType<typeof mentionedIn>[number]) {
    const address = { serviceUrl: activity.serviceUrl, conversationId: conversationOf(activity).id, userId: id };
    const member = await this.deps.memberAt(address).catch((err) => this.unknown(err));
    if (member?.oid === undefined) return { name };
    const person = personOf(member.oid, member.name ?? name);
    await this.keep(person);
    return person;
  }

  private unknown(err: unknown): undefined {
    if (!isTeamsError(err)) throw err;
    this.deps.log.warn({ err }, 'Teams did not say who is mentioned');
  }

  private async keep(person: Person): Promise<void> {
    if (this.met.get(person.oid) === person.name) return;
    await meet(this.deps.database, person, this.deps.clock.now());
    if (this.met.size >= rememberedPeople) this.met.clear();
    this.met.set(person.oid, person.name);
  }
}
