/**
 * What is in the database or in Azure, as views that cards show.
 */
export { presentChange, whatOf } from './change';
export { csvOf } from './csv';
export { digestList, digestSettings } from './digest-settings';
export { entryRow } from './forecast-entry';
export { countMachines, ifKnown, imageOf, needVersion } from './gallery';
export { presentTattoo } from './machine-tattoo';
export { presentAsking } from './of-kind';
export { planAnswer, previewPlan } from './publish-preview';
export { canCancel, cardStatus, presentRun, requesterOf } from './run';
export { presentRuns } from './runs';
export { tattooFields } from './tattoo';
export { renderTopic } from './topic';
export { publishedAt, publishedBefore, regionView, versionRow, versionState } from './versions';
