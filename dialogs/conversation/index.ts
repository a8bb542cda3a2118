/**
 * From a message or a click to a command: the grammar reads it, rights judge it, what is missing is asked for, and what
 * is refused says what to do next. It knows no command by name; commands/ and changes/ are written in its terms.
 */
export { meantImage, runOf } from './asking';
export {
  type Answer,
  type Command,
  type CommandContext,
  changeNumber,
  choice,
  count,
  type Deps,
  defineCommand,
  flag,
  imageName,
  imageRef,
  list,
  options,
  requestId,
  shortUsage,
  splitRef,
  type Topic,
  type Turn,
  textArg,
  usage,
  versionWord,
  word,
} from './command';
export { callOf, findCommand, laterVerb, nearest, nearestFew, notInThisVersion, unknownVerb } from './grammar';
export { bugAnswer, bugLine, newBug, refusalAnswer } from './refusals';
export { forbidden, mayNotSee, seesRun } from './rights';
export {
  type ClickAnswer,
  type ConversationHandlers,
  conversation,
  type ProgramAnswer,
  type TextAnswer,
} from './router';
