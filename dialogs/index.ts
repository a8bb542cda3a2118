import { commands } from './commands';
import type { Deps } from './conversation/define';
import { type ConversationHandlers, conversation } from './conversation/router';

export { commands } from './commands';
export type { Command } from './conversation/define';
export type { ConversationHandlers } from './conversation/router';
export { renderTopic } from './present/topic';

/** goldbot's side of the conversation, with every command of this version. */
export function createConversation(deps: Deps): ConversationHandlers {
  return conversation(deps, commands);
}
