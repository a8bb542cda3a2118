import type { Person } from '../core/access';
import type { Deciders } from '../core/azure';
import { quietUntil } from '../core/calendar';
import type { Catalogue } from '../core/catalogue';
import { isUserError } from '../core/errors';
import {
  type Calling,
  callingAt,
  type Mentioned,
  type MentionedGroup,
  type Mentions,
  mostMentioned,
} from '../core/mentions';
import { type Clock, seconds, within } from '../core/time';
import type { OwnChat } from '../store';
import type { Log } from './log';
import type { MemberAddress } from './people';
import { type Address, isTeamsError } from './teams';

/** Of machine time, for each of Entra and Teams: a message is not held up for longer by those whom it is to call. */
const longestMs = seconds(3);

export interface MentionerDeps {
  /** World time. */
  readonly clock: Clock;
  readonly log: Log;
  readonly catalogue: () => Pick<Catalogue, 'azure' | 'images' | 'teams'>;
  /** Who is in a group of Entra now. @throws UserError */
  readonly deciders: (group: string) => Promise<Deciders>;
  /** Who somebody of a conversation is; undefined: nobody there has that id. @throws TeamsError */
  readonly memberAt: (address: MemberAddress) => Promise<Partial<Person> | undefined>;
  /** Of these people, those to whom goldbot can write in a chat of their own. */
  readonly chatsOf: (oids: readonly string[]) => Promise<readonly OwnChat[]>;
}

/** Those who are meant, before Teams is asked about them. */
interface Meant {
  readonly oids: readonly string[];
  /** With those whose ids are not read. */
  readonly count: number;
  /** Names that are known already, by object id. */
  readonly names: ReadonlyMap<string, string>;
  readonly groups: readonly string[];
  readonly silent: boolean;
}

/**
 * Finds out whom a message mentions where it is about to be posted. Entra says who is in a group, as of now, and no names:
 * goldbot may not read them there. Teams says who of them is a member of the conversation, and what they are called.
 */
export class Mentioner {
  constructor(private readonly deps: MentionerDeps) {}

  /** Whether a message that is posted now calls those whom it is for. */
  calling(asked: Mentions): Calling {
    const { quiet } = this.deps.catalogue().azure;
    return callingAt(asked, quiet && quietUntil(quiet, this.deps.clock.now()));
  }

  /** Never throws for what Entra or Teams do not tell: the message matters more than whom it calls. */
  async whom(asked: Mentions, address: Address): Promise<Mentioned> {
    const meant = await this.meant(asked);
    const { groups, oids, count } = meant;
    const nobody = { people: [], others: count, groups };
    if (meant.silent) return { ...nobody, why: 'silent' };
    if (count === 0) return nobody;
    const calling = this.calling(asked);
    if (calling.when !== 'now') return { ...nobody, why: 'quiet', until: calling.until.toISOString() };
    if (count > mostMentioned) return { ...nobody, why: 'many' };
    const found = await Promise.all(oids.map((oid) => this.member(oid, address)));
    const people = found.flatMap((member, i) => {
      const oid = oids[i] ?? '';
      const name = member === 'silent' ? meant.names.get(oid) : member?.name;
      return name === undefined ? [] : [{ oid, name }];
    });
    const here = new Set(people.map(({ oid }) => oid));
    const copied = asked.copies ? await this.reachedAlone(oids.filter((oid) => !here.has(oid))) : [];
    const others = count - people.length - copied.length;
    return {
      ...{ people, others, groups, ...(copied.length > 0 && { copied }) },
      ...(people.length < count && { why: found.includes('silent') ? 'silent' : 'elsewhere' }),
    };
  }

  /** Those who have a chat of their own, as they are called there. */
  private async reachedAlone(oids: readonly string[]): Promise<readonly Person[]> {
    const chats = await this.deps.chatsOf(oids);
    return Promise.all(
      chats.map(async ({ oid, name, ...address }) => {
        const found = name === null ? await this.member(oid, address) : { name };
        return { oid, name: (found !== 'silent' && found?.name) || 'somebody' };
      }),
    );
  }

  private async meant({ people = [], groups = [], inPlace = [], but = [] }: Mentions): Promise<Meant> {
    const all = groups.flatMap((one) => this.groupOf(one));
    const meant = [...new Map(all.map((one) => [one.group.toLowerCase(), one])).values()];
    const read = await Promise.all(meant.map(({ group }) => this.membersOf(group)));
    const out = new Set(but.map((oid) => oid.toLowerCase()));
    const known = read.flatMap((one) => (one ? one.ids : []));
    const members = new Set(known.map((oid) => oid.toLowerCase()));
    const instead = inPlace.flatMap((one) => (members.has(one.of.toLowerCase()) ? [one.person] : []));
    const named = [...people, ...instead];
    const oids = [...new Set([...named.map(({ oid }) => oid), ...known])].filter((oid) => !out.has(oid.toLowerCase()));
    // Of large groups only the first ids are read.
    const unread = read.reduce((sum, one) => sum + (one ? Math.max(0, one.count - one.ids.length) : 0), 0);
    return {
      oids,
      count: oids.length + unread,
      names: new Map(named.map(({ oid, name }) => [oid, name])),
      groups: meant.map(({ name }) => name),
      silent: read.includes(undefined) && oids.length === 0,
    };
  }

  /** What the catalogue in force does not know any more is nobody. */
  private groupOf(one: MentionedGroup): readonly { readonly group: string; readonly name: string }[] {
    const { images, teams } = this.deps.catalogue();
    if ('group' in one) return [one];
    if ('ownersOf' in one) {
      const team = teams.get(one.ownersOf);
      return team ? [team.owners] : [];
    }
    const image = images.find(({ name }) => name === one.approversOf);
    return image ? [{ group: image.approval.group, name: image.approval.groupName }] : [];
  }

  private async membersOf(group: string): Promise<Deciders | undefined> {
    try {
      return await within(longestMs, this.deps.deciders(group), () => undefined);
    } catch (err) {
      if (!isUserError(err)) throw err;
      this.deps.log.warn({ group, err }, 'Entra did not say whom a message is to mention');
      return undefined;
    }
  }

  /** As they are called there; undefined: they are no member of it. */
  private async member(userId: string, { serviceUrl, conversationId }: Pick<Address, 'serviceUrl' | 'conversationId'>) {
    const silent = 'silent' as const;
    try {
      return await within(longestMs, this.deps.memberAt({ serviceUrl, conversationId, userId }), () => silent);
    } catch (err) {
      if (!isTeamsError(err)) throw err;
      this.deps.log.warn({ err }, 'Teams did not say whether somebody is there to be mentioned');
      return silent;
    }
  }
}
