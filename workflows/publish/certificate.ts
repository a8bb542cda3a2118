import type { GalleryVersion } from '../../core/azure';
import { againOf, explain, isUserError } from '../../core/errors';
import { differences, fingerprintOf, isCandidate, tattooFromTags } from '../../core/images';
import {
  digestOf,
  payloadOf,
  preAuthentication,
  type Signature,
  type Signer,
  signatureFits,
  statementOf,
} from '../../core/provenance';
import type { Approval } from '../../core/runs';
import { type Clock, days, hours, minutes } from '../../core/time';
import {
  appendAudit,
  claimCertificate,
  type Database,
  findRun,
  goldbot,
  type LeasedCertificate,
  type NewCertificate,
  redrawRun,
  type Work,
  writeSigned,
  writeUnsigned,
} from '../../store';
import type { Reads } from '../../store/reads';
import { again, type Wait } from '../engine';
import type { PlannedContext, PublishStep } from './stage';

/**
 * The birth certificate of a version: stated before it is published, so that its digest is set together with the flag,
 * and signed beside the run. A key vault that is silent keeps nobody from publishing; until it answers the version is
 * unsigned, and says so.
 */

/** What is stated about this version: the same facts give the same text. Undefined where it carries no tattoo. */
export function certificateOf(
  { run, plan, now }: Pick<PlannedContext, 'run' | 'plan' | 'now'>,
  approval: Approval,
  version: GalleryVersion,
): NewCertificate | undefined {
  const tattoo = tattooFromTags(version.tags);
  const { fingerprint } = approval;
  if (!tattoo || !fingerprint) return undefined;
  const payload = payloadOf(statementOf({ versionId: version.id, run, plan, approval, tattoo, fingerprint }));
  return { versionId: version.id, runId: run.id, payload, digest: digestOf(payload), madeAt: now };
}

/**
 * The same of a candidate that becomes latest outside of its run: what that run tested and people approved is known all the
 * same. Undefined: it is no candidate, or not what they approved.
 */
export async function certificateOfCandidate(
  { image, version, now }: { readonly image: string; readonly version: GalleryVersion; readonly now: Date },
  reads: Pick<Reads, 'recordedVersions' | 'run' | 'approvalsOfRun'>,
): Promise<NewCertificate | undefined> {
  const recorded = isCandidate(version) ? (await reads.recordedVersions(image)).get(version.version) : undefined;
  if (!recorded) return undefined;
  const [run, approvals] = await Promise.all([reads.run(recorded.runId), reads.approvalsOfRun(recorded.runId)]);
  const plan = run?.kind === 'publish' ? run.plan.fixed : undefined;
  const approval = approvals.find(({ status }) => status === 'approved');
  if (run?.kind !== 'publish' || plan?.version !== version.version || !approval?.fingerprint) return undefined;
  if (differences(approval.fingerprint, fingerprintOf(version)).length > 0) return undefined;
  return certificateOf({ run, plan, now }, approval, version);
}

/** The same step, which keeps the statement too. */
export function stating(step: PublishStep, certificate: NewCertificate | undefined): PublishStep {
  if (!certificate) return step;
  return { ...step, data: { ...step.data, certificate: certificate.digest }, certificate };
}

/** A step of its own where the statement is not kept yet; undefined once it is. Nothing is exposed before that. */
export function stated({ data }: PlannedContext, certificate: NewCertificate | undefined): PublishStep | undefined {
  return certificate && data.certificate !== certificate.digest ? stating(again(0), certificate) : undefined;
}

export interface SigningDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** By the catalogue in force; undefined when no key is set. */
  signer(): Signer | undefined;
}

/** How long goldbot tries to have a certificate signed. */
export const signing: Wait = {
  waitsFor: 'the key that signs certificates',
  ms: days(14),
  afterwards: 'The version stays unsigned, and `verify` says so: publish the next one.',
};

/** Signs what has been stated, each certificate at its own rhythm, and tells when it is done. */
export function signatures(deps: SigningDeps): Work {
  return {
    name: 'certificates',
    atOnce: 1,
    pollMs: 1_000,
    unhurried: true,
    claim: async (terms) => {
      const certificate = await claimCertificate(deps.database, deps.clock.now(), terms);
      return certificate && { lease: certificate.lease, work: () => sign(deps, certificate) };
    },
  };
}

async function sign(deps: SigningDeps, certificate: LeasedCertificate): Promise<void> {
  const signer = deps.signer();
  if (!signer) return unsigned(deps, certificate, 'no key is set to sign with');
  let signature: Signature;
  try {
    signature = await signer.sign(preAuthentication(certificate.payload));
  } catch (error) {
    if (!isUserError(error)) throw error;
    return unsigned(deps, certificate, againOf(error) === 'once fixed' ? explain(error) : error.message);
  }
  if (!signatureFits(certificate.payload, signature.value, signature.key.public)) {
    return unsigned(deps, certificate, 'the key answered with a signature that does not fit');
  }
  await signed(deps, certificate, signature);
}

function signed({ database, clock }: SigningDeps, certificate: LeasedCertificate, signature: Signature): Promise<void> {
  const { digest, versionId: version, runId } = certificate;
  return database.transaction(async (tx) => {
    const at = clock.now();
    if (!(await writeSigned(tx, certificate, signature, at))) return;
    await redrawRun(tx, runId);
    const run = await findRun(tx, runId);
    const detail = { version, digest, key: signature.key.id };
    const about = { subject: run?.subject ?? version, request: runId, runId };
    await appendAudit(tx, [{ ...about, at, who: goldbot, action: 'certify', detail }]);
  });
}

/** World time between two tries: 1 minute, 2, 4 … at most six hours. */
const spacingMs = (looks: number): number => Math.min(minutes(1) * 2 ** Math.min(looks, 10), hours(6));

async function unsigned({ database, clock }: SigningDeps, certificate: LeasedCertificate, said: string): Promise<void> {
  const { lease, looks, madeAt, runId } = certificate;
  await database.transaction(async (tx) => {
    const now = clock.now();
    const next = new Date(now.getTime() + spacingMs(looks));
    const dueAt = next.getTime() - madeAt.getTime() > signing.ms ? null : next;
    if (!(await writeUnsigned(tx, lease, said, dueAt))) return;
    if (said !== certificate.said || dueAt === null) await redrawRun(tx, runId);
  });
}
