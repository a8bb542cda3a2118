import { gapWords, judgementWords, type SignatureView, type VerifyView, verdictWords } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import type { Gap } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { hashOf } from '../../core/hash';
import { differenceText, forgeries, isCandidate, versionTags } from '../../core/images';
import { type Evidence, envelopeOf, unreadCheck, type Verification, verifyCertificate } from '../../core/provenance';
import type { Run } from '../../core/runs';
import type { Certificate } from '../../store/reads';
import type { Deps } from '../conversation';

/** What is asked about certificates: goldbot's own books, and the vault. */
export type Books = Pick<Deps, 'reads'> & { readonly read: Pick<Deps['read'], 'vaultKey'> };

/** A version, and what is certified of it. */
export interface Asked {
  readonly image: string;
  readonly version: GalleryVersion;
}

/** A version held against its certificate and against what goldbot's own tables tell. */
export async function verified(
  { image, version }: Asked,
  deps: Books,
  machine?: Evidence['machine'],
): Promise<
  Pick<VerifyView, 'verdict' | 'because' | 'checks' | 'certificate' | 'gaps'> & { readonly kept?: Certificate }
> {
  const { reads } = deps;
  const kept = await reads.certificate(version.id);
  if (!kept) return uncertified({ image, version }, deps, machine);
  const [run, approvals, { keys, gaps }, contents] = await Promise.all([
    reads.run(kept.runId),
    reads.approvalsOfRun(kept.runId),
    trustedKeys(kept, deps),
    reads.contents(image, [version.version]),
  ]);
  const list = contents.get(version.version)?.document;
  const approval = approvals.find(({ status }) => status === 'approved');
  const verification = verifyCertificate({
    payload: kept.payload,
    ...(kept.signature && { signature: kept.signature }),
    keys,
    version,
    ...(run?.kind === 'publish' && approval && { record: { run, approval, ...(list && { packages: hashOf(list) }) } }),
    ...(machine && { machine }),
  });
  return { ...verification, because: verdictWords(verification), certificate: toldOf(kept), gaps, kept };
}

/**
 * Whose signatures count. What a vault itself says of its key comes before what goldbot's table says: who forges the one
 * cannot forge the other.
 */
async function trustedKeys({ signature }: Certificate, { reads, read }: Books) {
  const own = await reads.signingKeys();
  const keys = new Map([...own].map(([id, key]) => [id, key.public]));
  const used = own.get(signature?.keyId ?? '');
  if (used?.kind !== 'key vault') return { keys, gaps: [] };
  const told = 'its public half is taken from goldbot’s own table.';
  try {
    const shown = await read.vaultKey(used.id);
    if (shown) keys.set(used.id, shown);
    return { keys, gaps: shown ? [] : [`The vault does not have the key any more: ${told}`] };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { keys, gaps: [`The vault did not show its key (${error.message.replace(/[.]$/, '')}): ${told}`] };
  }
}

/** Built before there were certificates, or by others: what can be seen of a forgery is said all the same. */
async function uncertified({ image, version }: Asked, { reads }: Pick<Deps, 'reads'>, machine?: Evidence['machine']) {
  const recorded = (await reads.recordedVersions(image)).get(version.version);
  const forged = forgeries(version, recorded?.fingerprint);
  const checks: Verification['checks'] =
    forged.length === 0 ? [] : [{ name: 'source', state: 'differs', differences: forged }];
  if (forged.length > 0) {
    const because = `There is no certificate, and it is not what goldbot tested: ${forged.map(differenceText).join('; ')}.`;
    return { verdict: 'tampered' as const, because, checks };
  }
  const why = whyUncertified(version, recorded && (await reads.run(recorded.runId)));
  const outside = machine ? unreadCheck(machine) : [];
  return { verdict: 'unknown' as const, because: `No certificate of it is known: ${why}.`, checks: outside };
}

/** A clause. A certificate is made just before a version becomes latest; before there was one for promotions, these had none. */
function whyUncertified(version: GalleryVersion, made: Run | undefined): string {
  const { tags } = version;
  const { [versionTags.copyOf]: copyOf, [versionTags.copiedBy]: by, [versionTags.certificate]: tagged } = tags;
  if (copyOf !== undefined) {
    return `it is a copy of ${copyOf}, made in ${by ?? 'no run that is known'}, and says ${copyOf} inside: verify that one instead`;
  }
  if (tagged !== undefined) return 'its tags name a certificate that this goldbot does not have';
  if (made?.kind === 'publish' && made.outcome !== 'published') {
    const end = made.outcome === null ? 'has not published it' : 'ended without publishing it';
    const later = isCandidate(version)
      ? 'it gets its certificate when it becomes latest'
      : 'it was promoted without one';
    return `${made.id} tested it and ${end}; ${later}`;
  }
  return 'it was built before there were certificates, or by somebody else';
}

function toldOf(kept: Certificate): NonNullable<VerifyView['certificate']> {
  return { digest: kept.digest, runId: kept.runId, ...signatureOf(kept) };
}

/** How far it is with its signature. */
export function signatureOf({ signature, said, dueAt }: Certificate): SignatureView {
  return {
    ...(signature && { signed: { by: signature.keyId, at: signature.at } }),
    ...(said !== undefined && { said }),
    ...(dueAt && { nextAt: dueAt }),
  };
}

/** The certificate as the text of a file. */
export function envelopeText({ payload, signature }: Certificate): string {
  return JSON.stringify(envelopeOf(payload, signature));
}

/** A machine, and the version that it was made from. */
export interface AskedMachine extends NonNullable<Evidence['machine']> {
  readonly name: string;
  /** `found`: as the gallery has it. Absent: it was not made from a golden version. */
  readonly version: { readonly image: string; readonly number: string; readonly found?: GalleryVersion } | undefined;
  readonly gaps: readonly Gap[];
}

/** A machine held against the certificate of the version that it was made from. */
export async function machineVerified(
  { name, version, gaps, ...machine }: AskedMachine,
  deps: Books,
): Promise<Omit<VerifyView, 'asOf'>> {
  const told = gaps.map(gapWords);
  if (!version) {
    const because = judgementWords(machine.judgement);
    return { about: name, verdict: 'unknown', because, checks: [], gaps: told };
  }
  const { image, number, found } = version;
  const about = { about: name, image: { image, version: number }, gaps: told };
  if (!found) {
    const because = `It was made from ${image} ${number}, which the gallery does not have any more.`;
    return { ...about, verdict: 'unknown', because, checks: unreadCheck(machine) };
  }
  const { kept: _, gaps: more = [], ...all } = await verified({ image, version: found }, deps, machine);
  return { ...all, ...about, gaps: [...told, ...more] };
}
