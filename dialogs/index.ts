/**
 * The conversation: what people say and click becomes a command, a command reads or starts a run, the answer is a card.
 * One file per command in commands/; conversation/ reads and checks, present/ turns rows into views.
 */
import type { Reply } from '../cards';
import { commands } from './commands';
import { conversation, type Deps, type ConversationHandlers as Handlers, type Turn } from './conversation';
import { type AboutLink, aboutLink, type FoundAnswer, find, isShareable, type LookedFor } from './find';
import { type Arrival, greeting } from './first';
import { type Letters, type Offered, offered } from './inventory';
import { listen } from './plain';

export { commands } from './commands';
export {
  bugAnswer,
  bugLine,
  type ClickAnswer,
  type Command,
  type CommandPace,
  type DialogSaid,
  findCommand,
  type MentionedPerson,
  newBug,
  type ProgramAnswer,
  refusalAnswer,
  type TextAnswer,
  type Turn,
} from './conversation';
export { type AboutLink, type FoundAnswer, type Hit, type LookedFor, search } from './find';
export type { Arrival } from './first';
export type { Letters, Offered } from './inventory';
export { channelTrouble, machineVerified, promotable, renderTopic, topicRenderer } from './present';

/** What people say, press, fill in and look up. */
export interface ConversationHandlers extends Handlers {
  /** What a field offers for the letters typed into it: at most 15, and only what the person may see. Never rejects for Azure. */
  handleSearch(turn: Turn, letters: Letters): Promise<readonly Offered[]>;
  /** What can be shared, of what the person may view, or why there is nothing. @throws UserError `DATABASE_SILENT` */
  handleFind(turn: Turn, lookedFor: LookedFor): Promise<FoundAnswer>;
  /** What to say where goldbot was added. Never rejects for Azure or Microsoft Graph. */
  handleArrival(arrival: Arrival): Promise<Reply>;
  /** What a link in somebody's message leads to; undefined for all that goldbot has nothing to say of to this person. */
  handleLink(turn: Turn, url: string): Promise<AboutLink | undefined>;
}

/** goldbot's side of the conversation, with every command of this version, in the grammar or in plain words. */
export function createConversation(deps: Deps): ConversationHandlers {
  const own = conversation(deps, commands, listen);
  return {
    ...own,
    handleSearch: (turn, letters) => offered(turn, letters, deps),
    handleFind: (turn, lookedFor) => find(turn, lookedFor, deps),
    handleArrival: (arrival) => greeting(arrival, deps),
    handleLink: (turn, url) => aboutLink(turn, url, deps),
    handleShare: (turn, verb, data) => own.handleShare(turn, isShareable(verb) ? verb : '', data),
  };
}
