/**
 * The conversation: what people say and click becomes a command, a command reads or starts a run, the answer is a card.
 * One file per command in commands/; conversation/ reads and checks, present/ turns rows into views.
 */
import { commands } from './commands';
import { type ConversationHandlers, conversation, type Deps } from './conversation';

export { commands } from './commands';
export {
  bugAnswer,
  bugLine,
  type ClickAnswer,
  type Command,
  type ConversationHandlers,
  findCommand,
  newBug,
  type ProgramAnswer,
  refusalAnswer,
  type TextAnswer,
  type Turn,
} from './conversation';
export { channelTrouble, machineVerified, promotable, renderTopic, topicRenderer } from './present';

/** goldbot's side of the conversation, with every command of this version. */
export function createConversation(deps: Deps): ConversationHandlers {
  return conversation(deps, commands);
}
