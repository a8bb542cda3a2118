export { type ApprovalFacts, type ApprovalView, approvalCard, type DecisionView } from './approval-card';
export { type ApprovalDecidedView, approvalDecidedCard, type DecidedStatus } from './approval-decided-card';
export { type ApprovalRow, type ApprovalsView, approvalsCard } from './approvals-card';
export { type AuditRow, type AuditView, auditCard } from './audit-card';
export type { Mark } from './blocks';
export { type ChangeStatus, type ChangeVerb, type ChangeView, changeCard } from './change-card';
export { type ComplianceView, complianceCard } from './compliance-card';
export { type DiffView, diffCard } from './diff-card';
export {
  type ChangeLine,
  type DigestView,
  type DoNext,
  digestCard,
  type Expiry,
  type Part,
  type WeekFigures,
} from './digest-card';
export { type ErrorView, errorCard } from './error-card';
export type { FailureView } from './failure-part';
export type { Field } from './fields';
export { type ForecastEntry, type ForecastKind, type ForecastView, forecastCard } from './forecast-card';
export { type FormView, formCard } from './form-card';
export { moment, spoken } from './format';
export { type HelpView, helpCard, type VerbHelpView, verbHelpCard } from './help-card';
export { type ImageRow, type ImagesView, imagesCard } from './images-card';
export { type LogView, logCard } from './log-card';
export { type LineageView, type MachineView, type ModelView, machineCard } from './machine-card';
export { type MachineRow, type MachinesView, machinesCard, machinesPage } from './machines-card';
export { type ChoiceView, choiceCard, type NoticeView, noticeCard } from './notice-card';
export { type OutcomeView, outcomeCard } from './outcome-card';
export { type Button, listButton, logsButton, statusButton, whoUsesButton } from './parts/buttons';
export { type PlanView, planCard } from './plan-card';
export type { AdaptiveCard, Reply } from './reply';
export { type RestrictView, restrictCard, type StoppedRow } from './restrict-card';
export { runCard } from './run-card';
export type { RegionView, RunCardStatus, RunView, StageView, TestView } from './run-view';
export { isStill } from './run-view';
export { type RunRow, type RunsView, runsCard } from './runs-card';
export { type StandingsView, standingsCard } from './standings-card';
export { type TattooView, tattooCard } from './tattoo-card';
export { type TattooField, type VersionView, versionCard } from './version-card';
export { type VersionRow, type VersionState, type VersionsView, versionsCard } from './versions-card';
export { type ScaleSetRow, type UserRow, type WhoUsesView, whoUsesCard } from './who-uses-card';
export { type WhoamiView, whoamiCard } from './whoami-card';
