import type { DigestData, DigestPlan } from '../../core/runs';
import type { Stage, StageContext, Step } from '../engine';
import type { SnapshotDeps } from './snapshot';

export type DigestDeps = SnapshotDeps;

export type DigestContext = StageContext<DigestPlan, DigestData>;
export type DigestStep = Step<DigestPlan, DigestData>;
export type DigestStage = Stage<DigestPlan, DigestData>;

/** The end of a digest that nobody gets. */
export const untold = (why: string): DigestStep => ({ kind: 'end', outcome: 'done', data: { untold: why }, note: why });
