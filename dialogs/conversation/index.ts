/**
 * From a message or a click to a command: the grammar reads it, rights judge it, what is missing is asked for, and what
 * is refused says what to do next. It knows no command by name; commands/ and changes/ are written in its terms.
 */
export type { DialogSaid, Heard, Listening } from './act';
export { meantImage, runOf } from './asking';
export {
  type Answer,
  type ArgInfo,
  type Command,
  type CommandContext,
  type CommandPace,
  changeNumber,
  choice,
  count,
  type Dataset,
  type Deps,
  defineCommand,
  flag,
  imageName,
  imageRef,
  list,
  type MentionedPerson,
  options,
  requestId,
  splitRef,
  type Topic,
  type Turn,
  textArg,
  usage,
  versionWord,
  word,
} from './command';
export {
  badValues,
  callOf,
  cleanText,
  distance,
  findCommand,
  laterVerb,
  nearest,
  nearestFew,
  notInThisVersion,
  type Parsed,
  parse,
  unknownVerb,
} from './grammar';
export { bugAnswer, bugLine, newBug, refusalAnswer } from './refusals';
export { askRights, forbidden, groupsUnknown, mayNotSee, seenOf, seesRun, sightOf } from './rights';
export { type ClickAnswer, type ConversationHandlers, conversation, type TextAnswer } from './router';
export type { ProgramAnswer } from './to-program';
