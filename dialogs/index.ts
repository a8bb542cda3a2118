import { approve } from './approve';
import { cancel } from './cancel';
import type { Command, Deps } from './define';
import { help } from './help';
import { publish } from './publish';
import { rebuild } from './rebuild';
import { reject } from './reject';
import { type ConversationHandlers, conversation } from './router';
import { status } from './status';
import { withdraw } from './withdraw';

/** Every command of this version, in the order of help. */
export const commands: readonly Command[] = [publish, rebuild, cancel, approve, reject, withdraw, status, help];

export type { Answer, Command, Conversation, Deps, RefusalEntry, Topic, Turn } from './define';
export { renderTopic } from './present/topic';
export { type Bug, refusalAnswer, refusalLine } from './refusals';
export type { ClickAnswer, ConversationHandlers, TextAnswer } from './router';

/** goldbot's side of the conversation, with every command of this version. */
export function createConversation(deps: Deps): ConversationHandlers {
  return conversation(deps, commands);
}
