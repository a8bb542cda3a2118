/**
 * From a message or a click to a command: grammar, router, rights, forms, refusals. Knows no command by name.
 */
export {
  choice,
  count,
  flag,
  imageName,
  imageRef,
  list,
  requestId,
  splitRef,
  textArg,
  versionWord,
  word,
} from './arguments';
export { seesRun } from './change-rights';
export {
  type Answer,
  type Command,
  type CommandContext,
  type Deps,
  defineCommand,
  type Topic,
  type Turn,
  type Values,
} from './define';
export { findCommand, laterVerb, notInThisVersion } from './grammar';
export { nearest, nearestFew } from './nearest';
export { callOf } from './next-command';
export { bugAnswer, bugMessage, newBug, refusalAnswer, refusalLine } from './refusals';
export { meantImage, runOf } from './resolve';
export { type ClickAnswer, type ConversationHandlers, conversation, type TextAnswer } from './router';
export { unknownVerb } from './unknown-verb';
export { optionName, options, shortUsage, typed, usage } from './usage';
