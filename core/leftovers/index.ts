/**
 * What builds leave in Azure and nobody needs any more: how each thing stands, what it costs at most, and what people
 * agree to delete. Pure; services/ lists, dialogs/commands/leftovers shows, workflows/change deletes.
 */
export { costOf, totalCost } from './prices';
export {
  deletable,
  deletionHash,
  isHiddenRemain,
  isSame,
  type MakerState,
  type Remain,
  type RemainKind,
  type RemainsRead,
  type RemainToDelete,
  type Standing,
  standings,
} from './remains';
