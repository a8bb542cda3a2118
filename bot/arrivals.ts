import type { Reply } from '../cards';
import { isUserError } from '../core/errors';
import { hours } from '../core/time';
import type { Arrival } from '../dialogs';
import { answer, giveBack, type LeaseTerms, note, type Queryable } from '../store';
import { addressOfActivity, callerOf, type TeamsActivity, turnOf } from './activity';
import type { Log } from './log';
import type { Speaker } from './speaker';
import type { Address } from './teams';

export interface ArrivalsDeps {
  readonly database: Queryable;
  readonly greet: (arrival: Arrival) => Promise<Reply>;
  readonly speaker: Pick<Speaker, 'say'>;
  readonly log: Log;
  readonly terms: LeaseTerms;
}

/** Teams tells of one installation twice, and a replica may die in between: within this it is the same one. */
const windowMs = hours(1);

/** Says hello where goldbot is added: once, by whichever replica hears of it. */
export class Arrivals {
  constructor(private readonly deps: ArrivalsDeps) {}

  /** Never throws: nobody has asked for anything. */
  async heard(activity: TeamsActivity): Promise<void> {
    const caller = isArrival(activity) ? callerOf(activity) : undefined;
    if (!caller) return;
    const { database, greet, speaker, log, terms } = this.deps;
    const address = placeOf(activity);
    try {
      const noted = await note(database, 'delivery', `arrival ${address.conversationId}`, { ...terms, windowMs });
      if (noted.state !== 'first') return;
      try {
        const turn = turnOf(activity, { caller, name: undefined, intent: `arrival ${address.conversationId}` });
        const team = activity.channelData?.team?.name;
        const reply = await greet({ turn, ...(team !== undefined && { team }) });
        await speaker.say(address, reply);
        await answer(database, noted.lease, null);
      } catch (error) {
        // The other one of the two may do better.
        await giveBack(database, noted.lease);
        throw error;
      }
    } catch (err) {
      log.warn({ err: isUserError(err) ? err.code : err }, 'goldbot did not say hello where it was added');
    }
  }
}

/** An update of the app is none. */
function isArrival({ type, action, membersAdded, recipient }: TeamsActivity): boolean {
  if (type === 'installationUpdate') return action === 'add';
  return membersAdded?.some(({ id }) => id === recipient.id) ?? false;
}

/** Of a team, the channel that whoever added it chose. */
function placeOf(activity: TeamsActivity): Address {
  const address = addressOfActivity(activity);
  const chosen = activity.channelData?.settings?.selectedChannel?.id;
  return chosen === undefined || address.kind !== 'channel' ? address : { ...address, conversationId: chosen };
}
