import type { Mark } from './blocks';
import type { FailureView } from './failure-part';

/** The statuses of a run, and the two in which a person is needed. */
export type RunCardStatus =
  | 'running'
  | 'waiting'
  | 'needs-repair'
  | 'needs-a-look'
  | 'cancelling'
  | 'published'
  | 'cancelled'
  | 'expired'
  | 'failed';

export interface StageView {
  /** `customise`. */
  readonly name: string;
  /** `Customise`. */
  readonly label: string;
  readonly mark: Mark;
  /** A truer word than that of the mark: `rejected`, `withdrawn`. */
  readonly word?: string;
  /** What is happening, or what came of it: `5 of 8 steps · harden-sshd`. */
  readonly detail?: string;
  /** How long it took, or has been taking. */
  readonly elapsedMs?: number;
}

export interface RegionView {
  readonly name: string;
  readonly replicas: number;
  readonly mark: Mark;
  /** `40 %`, `in place`, or Azure's error. */
  readonly detail?: string;
}

export interface TestView {
  readonly name: string;
  readonly mark: Mark;
  /** Output of a failed test. */
  readonly detail?: string;
}

export interface RunView {
  /** `R-7F3KQ`. */
  readonly id: string;
  /** The plan's hash; absent until the plan is fixed. */
  readonly hash?: string;
  readonly image: string;
  /** Absent until the plan is fixed. */
  readonly version?: string;
  readonly status: RunCardStatus;
  readonly requestedBy: string;
  /** Names of those who asked for the same while it was running. */
  readonly joinedBy: readonly string[];
  readonly stages: readonly StageView[];
  /** From 1. */
  readonly attempt: number;
  readonly elapsedMs?: number;
  /** The median of earlier runs, while it says something about this one: until people were waited for. */
  readonly usualMs?: number;
  /** True when there was no run before to compare with. */
  readonly first?: boolean;
  readonly note?: string;
  /** One line more: why it waits, what was cleaned up, what Azure said. */
  readonly remark?: string;
  /** The pending approval's id, to say where the decision is asked for. */
  readonly approvalId?: string;
  /** While replicating. */
  readonly regions?: readonly RegionView[];
  /** Of the last attempt, when one failed. */
  readonly tests?: readonly TestView[];
  /** In repair. */
  readonly failure?: FailureView;
  /** False once publishing began. */
  readonly canCancel: boolean;
}

/** A card that is being edited asks for nothing: an edit would wipe what somebody is typing. */
export function isStill(status: RunCardStatus): boolean {
  return status === 'needs-repair' || status === 'waiting' || status === 'needs-a-look';
}

export function isOver(status: RunCardStatus): boolean {
  return status === 'published' || status === 'cancelled' || status === 'expired' || status === 'failed';
}
