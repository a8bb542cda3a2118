/**
 * Typed view in, Adaptive Card and its plain text out: one builder and one template each, parts/ for what cards share.
 * Called by dialogs. All wording that people see on cards is here.
 */
export { type AccessRow, type AccessView, accessCard } from './access';
export {
  type ApprovalDecidedView,
  type ApprovalFacts,
  type ApprovalView,
  approvalCard,
  approvalDecidedCard,
  type ChangeNumberView,
  type DecidedStatus,
  type DecidingStepView,
  type DecisionView,
  type EarlierView,
} from './approval';
export { type ApprovalRow, type ApprovalsView, approvalsCard } from './approvals';
export { type AuditRow, type AuditView, auditCard } from './audit';
export { type ChangeStatus, type ChangeVerb, type ChangeView, changeCard, type MachineAct } from './change';
export { type ComplianceView, complianceCard } from './compliance';
export { type ComplianceOfTeamsView, complianceOfTeamsCard } from './compliance-of-teams';
export { contentsCard, type InsideView, insideLines } from './contents';
export { type CostRow, type CostsView, type CostView, costCard, costsCard } from './cost';
export { type DiffView, diffCard } from './diff';
export {
  type ChangeLine,
  type DigestView,
  type DoNext,
  digestCard,
  type Expiry,
  type Part,
  type RetiredImage,
  type SnoozedRow,
} from './digest';
export { type DoctorView, doctorCard, healthBlocks, healthWords } from './doctor';
export { type DriftRow, type DriftView, driftCard } from './drift';
export { type ErrorView, errorCard } from './error';
export { type ForecastEntry, type ForecastKind, type ForecastView, forecastCard } from './forecast';
export { type FormView, formCard } from './form';
export {
  type FoundLine,
  type FoundMachine,
  foundLine,
  machineGlanceCard,
  type VersionGlance,
  versionGlanceCard,
} from './found';
export { type Doable, type HelpView, helpCard, mostNow, type VerbHelpView, verbHelpCard } from './help';
export { type ImageRow, type ImagesView, imagesCard } from './images';
export { type LeftoverRow, type LeftoversView, leftoversCard, mostDeleted } from './leftovers';
export { type FamilyView, lineageCard } from './lineage';
export { type LogView, logCard } from './log';
export { type LineageView, type MachineView, type ModelView, machineCard } from './machine';
export { type MachineRow, type MachinesView, machinesCard, machinesPage } from './machines';
export { type MentionView, mentionCard } from './mention';
export { type ChoiceView, choiceCard, incomplete, type NoticeView, noticeCard } from './notice';
export { nothingWaits, type Offered, type OfferView, offerCard, sameAs, talkReply } from './offer';
export { type OutcomeView, outcomeCard } from './outcome';
export { type ParityView, parityCard } from './parity';
export type { Mark } from './parts/blocks';
export {
  appointButton,
  type Button,
  complianceCall,
  deferButton,
  listButton,
  logsButton,
  reviewButton,
  rolloutButton,
  showButton,
  snoozeButton,
  statusButton,
  unappointButton,
  undeferButton,
  unsnoozeButton,
  versionsButton,
  whoUsesButton,
} from './parts/buttons';
export { verdictWords } from './parts/certificate';
export { type ContentsView, changeLines, type FoundView } from './parts/contents';
export type { Field } from './parts/fields';
export type { FindingView } from './parts/findings';
export { capital, cents, count, day, due, duration, list, moment, number } from './parts/format';
export { gapWords } from './parts/gaps';
export { type LeftView, leftSentence } from './parts/left';
export { mentioning } from './parts/mentions';
export { inWords, type Reader } from './parts/moments';
export { evidenceWords, judgementWords } from './parts/tattoo';
export { type SecondView, type Viewer, viewerWords } from './parts/viewer';
export {
  behindWords,
  deltaWords,
  fateWords,
  insteadWords,
  moveWords,
  overcome,
  policyWords,
  retiredImageWords,
  scopeWords,
  sourceName,
  stateWords,
} from './parts/words';
export { type PlanView, planCard } from './plan';
export type { AdaptiveCard, Reply } from './reply';
export { mostTogether, type RequestsView, type RequestView, requestsCard, together } from './requests';
export { type RestrictView, restrictCard, type StoppedRow } from './restrict';
export { type RolloutView, rolloutCard } from './rollout';
export type { FailureView, RegionView, RunCardStatus, RunView, StageView, TestView } from './run';
export { isStill, runCard } from './run';
export { type RunRow, type RunsView, runsCard } from './runs';
export { monthlyButton, type ScheduleRow, type SchedulesView, schedulesCard } from './schedules';
export { type Sharing, stillOf } from './shared';
export { asksForOwn, ownVerb } from './sheet';
export { standIn } from './stand-in';
export { type TattooView, tattooCard } from './tattoo';
export { type SignatureView, type VerifyView, verifyCard } from './verify';
export { type OutputView, type TattooField, type VersionView, versionCard } from './version';
export { type CopyRow, type PlannedVerb, type VersionPlanView, versionPlanCard } from './version-plan';
export { type VersionRow, type VersionState, type VersionsView, versionsCard } from './versions';
export { type WelcomeView, welcomeCard } from './welcome';
export { type HolderRow, type WhoHasView, whoHasCard } from './who-has';
export { type ScaleSetRow, type UserRow, type WhoUsesView, whoUsesCard } from './who-uses';
export { type PlaceView, type WhoamiView, whoamiCard } from './whoami';
