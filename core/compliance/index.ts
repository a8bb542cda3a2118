/**
 * Compliance figures of teams: the inventory counted, with a gap for everything that Azure did not tell; pets and cattle;
 * restrictions and their dry run; what is different from the week before; what will end soon.
 * Pure: it is given what was read of Azure.
 */
export { countTeams, type Inventory, placesToAsk } from './count';
export { type Deltas, deltas, type Figure, type Offender } from './deltas';
export type { ComplianceFigures, Lineage, PolicyFigures, VersionFigures } from './figures';
export { packFigures, unpackFigures } from './figures-json';
export { type BaseOutlook, type ForecastEntry, forecast } from './forecast';
export {
  type Counted,
  canMend,
  type Exemption,
  type GuestCount,
  type GuestStatus,
  guestStatuses,
  type Judged,
  type Machine,
  type MachineCompliance,
  type MachineCount,
  type MachineFilter,
  type MachineGuest,
  type MachinePolicies,
  type MachineScope,
  type MachineStates,
  type MachineTraits,
  type MachineType,
  type Place,
  type PlacedMachine,
  type PolicyCount,
  type PolicyState,
  type PublishedVersion,
  policyStates,
  type ScaleSet,
  type ServiceModel,
  serviceModelTag,
} from './inventory';
export { mostRead } from './mixed';
export {
  buildExclusions,
  galleryId,
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
} from './restriction';
export { dryRunDays, type Stopped, stoppedBy } from './restriction-dry-run';
export { adviceFor, type Classification, classifyModel, seriesOf } from './service-model';
export { isTold, type Share, shareRemarks, sharesOfTeams } from './shares';
