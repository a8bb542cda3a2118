import type { Exemption, RestrictionSettings, RestrictionState, RestrictionTarget } from './compliance';

/** Questions that changes for teams ask before they act and after it. By resource id, in any case. */
export interface ChangeRead {
  /** Tags of a machine; undefined when it is gone. */
  tagsOf(id: string): Promise<Readonly<Record<string, string>> | undefined>;
  exemption(id: string): Promise<Exemption | undefined>;
  remediation(id: string): Promise<Remediation | undefined>;
  /** By the URL that starting it gave. */
  evaluation(url: string): Promise<'running' | 'done'>;
  restriction(target: RestrictionTarget): Promise<RestrictionState>;
}

/** What changes for teams do in Azure. Names are deterministic and values absolute: each is safe to repeat. */
export interface ChangeWrite {
  /** Sets these tags of a machine and keeps all others. */
  mergeTags(id: string, tags: Readonly<Record<string, string>>): Promise<void>;
  putExemption(id: string, spec: ExemptionSpec): Promise<void>;
  /** One that exists under this id is left alone. */
  startRemediation(id: string, spec: RemediationSpec): Promise<void>;
  /** Of a subscription or resource group by id; gives the URL that tells when it is over, if it is not at once. */
  startEvaluation(scope: string): Promise<string | undefined>;
  /** The policy definition that the target's assignment needs. */
  defineRestriction(scope: string): Promise<void>;
  assignRestriction(target: RestrictionTarget, settings: RestrictionSettings): Promise<void>;
  removeRestriction(target: RestrictionTarget): Promise<void>;
}

export interface ExemptionSpec {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Name of the definition in its initiative; absent when all of the assignment is set aside. */
  readonly reference?: string;
  readonly title: string;
  readonly reason: string;
  readonly expiresAt: Date;
  /** The run that made it. */
  readonly run: string;
}

export interface RemediationSpec {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Name of the definition in its initiative; absent when a single definition is assigned. */
  readonly reference?: string;
}

export interface Remediation {
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Deployments that it takes. */
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly message?: string;
}
