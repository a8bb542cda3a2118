/**
 * Finding things without a command: what somebody looks for beside the message box of any conversation, to share it
 * there, and what a link to Azure's portal leads to. It reads, for one person and by their rights, and changes nothing.
 */
export { type FoundAnswer, find, type Hit, isShareable, type LookedFor, search } from './find';
export { type AboutLink, aboutLink } from './link';
