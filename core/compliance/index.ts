/**
 * Compliance figures of teams: the inventory read once (by whatever reads Azure) and counted, with a typed gap for
 * everything that Azure did not say; what differs from an earlier week and what will end soon; rows that are set aside
 * for a while; pets and cattle; the
 * restriction to golden images and its dry run. No English: the wording is in cards/. Called by the digest and by the
 * commands about machines.
 */
export {
  type AgentFigure,
  type AgentPart,
  agentParts,
  guestLacks,
  type LackingMachine,
  type MachineTotals,
} from './agents';
export {
  isAttributable,
  mostRead,
  mostTogether,
  placesToAsk,
  type Share,
  shareGaps,
} from './attribution';
export {
  type Baseline,
  type BaselineAssignment,
  type BaselineName,
  type BaselineReach,
  type BaselineState,
  baselineId,
  baselineNamed,
  baselineNames,
  baselineProperties,
  baselineReach,
  baselineRole,
  baselineRows,
  baselineScopes,
  baselines,
  isAssigned,
  roleCommand,
} from './baselines';
export {
  type DriftCause,
  type DriftFinding,
  driftCauses,
  driftOf,
  type GuestLook,
  type GuestReport,
  isTattooCheck,
  readingOf,
  staleAfterMs,
  stillHolds,
  type TattooReading,
} from './drift';
export {
  type ComplianceFigures,
  countTeams,
  type Inventory,
  type Lineage,
  lineages,
  type PolicyFigures,
  type VersionFigures,
} from './figures';
export { type BaseOutlook, type ForecastEntry, type ForecastInput, forecast, type GivenUntil } from './forecast';
export { type Gap, type GapFigure, partial, questions, type Scopes } from './gaps';
export {
  type AzureShare,
  type Counted,
  canMend,
  decidedModel,
  type Exemption,
  type GuestCount,
  type GuestStatus,
  guestStatuses,
  type Judged,
  type JudgedMachines,
  type ListedVersion,
  type Machine,
  type MachineCompliance,
  type MachineCount,
  type MachineCounts,
  type MachineFilter,
  type MachineScope,
  type MachineTraits,
  type MachineType,
  type Place,
  type PlacedMachine,
  type PolicyAnswers,
  type PolicyCount,
  type PolicyState,
  type PublishedVersion,
  policyStates,
  type ScaleSet,
  type ServiceModel,
  type SetMode,
  type Shortfall,
  serviceModelOf,
  serviceModelTag,
  setModes,
  takesReimage,
  type Within,
} from './inventory';
export {
  assignmentName,
  exemptedFrom,
  type MachinePolicy,
  madeUpName,
  policiesMeant,
  policyName,
  policyWord,
  sharesName,
} from './policies';
export {
  type CountedInventory,
  countInventory,
  definitionsOf,
  fits,
  groupsAbove,
  type InventoryQuestion,
  type MachinesByTeam,
  machinesByTeam,
  machineTeams,
  type Only,
  selfUpgradingSets,
  type TeamOf,
} from './read';
export {
  buildExclusions,
  dryRunDays,
  galleryId,
  goldenGalleries,
  isRestricted,
  type RestrictionEffect,
  type RestrictionSettings,
  type RestrictionState,
  type RestrictionTarget,
  restrictionAssignment,
  restrictionAssignmentId,
  restrictionDefinition,
  restrictionDefinitionId,
  restrictionHash,
  restrictionName,
  restrictionWords,
  type Stopped,
  stoppedBy,
} from './restriction';
export {
  type PublishedBases,
  publishedBases,
  type RetiringMachines,
  retiringGaps,
  retiringMachines,
} from './retiring';
export { type Classification, type Clue, classifyModel, seriesOf, stemOf } from './service-model';
export {
  type DigestRow,
  isRow,
  longestSnoozeDays,
  rowOf,
  rowsOf,
  type Snooze,
} from './snoozes';
export { writtenSource } from './spelling';
export {
  type Delta,
  type Deltas,
  deltas,
  type Figure,
  figureNames,
  type Offender,
  packFigures,
  unpackFigures,
} from './weeks';
