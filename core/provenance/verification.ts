import type { GalleryVersion } from '../azure';
import { hashOf } from '../hash';
import {
  type Difference,
  type Fingerprint,
  fingerprintDigest,
  forgeries,
  type Judgement,
  parseTattoo,
  tattooFromTags,
  tattooHash,
  type Unread,
  versionTags,
} from '../images';
import { type Approval, type PublishRun, planHash } from '../runs';
import { type Envelope, keyIdOf, type PublicKey, payloadType, signatureFits } from './dsse';
import { digestOf, fingerprintIn, parseStatement, type Statement, statementOf, tattooIn } from './statement';

/**
 * Holds a certificate against whatever else knows about its version. Each check has a name, so that what was tampered
 * with is named; what could not be asked is never taken for agreement.
 */

export type CheckName =
  | 'statement'
  | 'key'
  | 'tag'
  | 'source'
  | 'plan hash'
  | 'tests'
  | 'decider'
  | 'packages'
  | 'machine'
  | 'guest file'
  | 'guest registry';

/** Why nothing can be said; the words are in cards/parts/certificate.ts. */
export type Silent =
  | 'not signed'
  | 'not trusted'
  | 'no such version'
  | 'no record'
  | 'no list'
  | { readonly unread: Unread };

export type Check = { readonly name: CheckName } & (
  | { readonly state: 'agrees' }
  | { readonly state: 'differs'; readonly differences: readonly Difference[] }
  | { readonly state: 'silent'; readonly why: Silent }
);

/**
 * `tampered`: something is not as it was certified. `unsigned`: all agrees, and nobody vouches for it. `unknown`: there is
 * no certificate, or something that matters could not be compared.
 */
export type Verified = 'verified' | 'tampered' | 'unsigned' | 'unknown';

export interface Verification {
  readonly verdict: Verified;
  readonly checks: readonly Check[];
}

/** What is known besides the statement. */
export interface Evidence {
  /** The text that is kept. */
  readonly payload: string;
  /** Absent: nobody has signed it yet. `value`: DER in base64. */
  readonly signature?: { readonly keyId: string; readonly value: string };
  /** By id: those that goldbot has signed with. */
  readonly keys: ReadonlyMap<string, PublicKey>;
  /** As the gallery has it. Absent: it has none of that number. */
  readonly version?: GalleryVersion;
  /** What goldbot's own tables tell. Absent: they know nothing of the run. */
  readonly record?: { readonly run: PublishRun; readonly approval: Approval; readonly packages?: string };
  /** For a machine that was made from the version. */
  readonly machine?: { readonly os: 'Linux' | 'Windows'; readonly judgement: Judgement; readonly guest: Guest };
}

type Guest = { readonly text: string } | { readonly unread: Unread };

/** Everything held against everything, in the order in which people read it. */
export function verifyCertificate(evidence: Evidence): Verification {
  const statement = parseStatement(evidence.payload);
  const signed = signatureChecks(evidence, statement);
  // What a forged statement says of the rest proves nothing, either way.
  const isForged = signed.some(({ name, state }) => name === 'statement' && state === 'differs');
  const checks = [...signed, ...(statement && !isForged ? againstStatement(statement, evidence) : [])];
  return { verdict: verdictOf(checks, evidence.signature !== undefined), checks };
}

function againstStatement(statement: Statement, evidence: Evidence): readonly Check[] {
  return [
    ...versionChecks(statement, evidence),
    ...recordChecks(statement, evidence),
    ...(evidence.machine ? machineChecks(statement, evidence.machine) : []),
  ];
}

/** What does not matter when it is silent: most versions have no list of packages. */
const mayBeSilent: readonly Silent[] = ['no list', 'not signed'];

function verdictOf(checks: readonly Check[], signed: boolean): Verified {
  if (checks.some(({ state }) => state === 'differs')) return 'tampered';
  if (!signed) return 'unsigned';
  return unanswered(checks).length > 0 ? 'unknown' : 'verified';
}

/** What should have been compared and could not be. */
export function unanswered(checks: readonly Check[]): readonly CheckName[] {
  return checks.flatMap((check) => (check.state === 'silent' && !mayBeSilent.includes(check.why) ? [check.name] : []));
}

const agrees = (name: CheckName): Check => ({ name, state: 'agrees' });
const silent = (name: CheckName, why: Silent): Check => ({ name, state: 'silent', why });

function compared(name: CheckName, differences: readonly Difference[]): Check {
  return differences.length === 0 ? agrees(name) : { name, state: 'differs', differences };
}

/** Two texts that must be the same. */
function same(name: CheckName, part: string, was: string | undefined, is: string | undefined): Check {
  return compared(
    name,
    was === is ? [] : [{ part, ...(was !== undefined && { was }), ...(is !== undefined && { is }) }],
  );
}

function signatureChecks(evidence: Evidence, statement: Statement | undefined): readonly Check[] {
  const { payload, signature, keys, version } = evidence;
  const tag = tagOf(version);
  const was = tag ?? 'a statement';
  const is = digestOf(payload);
  const key = signature && keys.get(signature.keyId);
  // Then it is whole, whatever the tag says: the tag has a check of its own.
  if (statement && signature && key && signatureFits(payload, signature.value, key)) {
    return [agrees('statement'), agrees('key')];
  }
  // The tag names the statement, and so tells which of the two was changed when the signature does not fit.
  const intact = statement !== undefined && (tag === undefined || tag === is);
  if (!signature) return [same('statement', 'statement', intact ? is : was, is), silent('key', 'not signed')];
  if (!key) {
    return [
      same('statement', 'statement', intact ? is : was, is),
      compared('key', [{ part: 'key', was: [...keys.keys()].join(', ') || 'none', is: signature.keyId }]),
    ];
  }
  if (intact) return [agrees('statement'), compared('key', [{ part: 'signature', was: `by ${signature.keyId}` }])];
  return [compared('statement', [{ part: 'statement', was, is }]), silent('key', 'not signed')];
}

/** Azure keeps tag names as they were written and compares them in any case. */
function tagOf(version: GalleryVersion | undefined): string | undefined {
  const found = Object.entries(version?.tags ?? {}).find(([name]) => name.toLowerCase() === versionTags.certificate);
  return found?.[1].toLowerCase();
}

function versionChecks(statement: Statement, { version, payload }: Evidence): readonly Check[] {
  if (!version) return [silent('tag', 'no such version'), silent('source', 'no such version')];
  const { fingerprint } = statement.predicate.buildDefinition.internalParameters;
  const all = forgeries(version, fingerprint);
  const isTag = ({ part }: Difference) => part.startsWith('tag ');
  const [{ name: id }] = statement.subject;
  const moved = id === version.id.toLowerCase() ? [] : [{ part: 'version', was: id, is: version.id.toLowerCase() }];
  const [was, tag] = [digestOf(payload), tagOf(version)];
  const named = { part: `tag ${versionTags.certificate}`, was, ...(tag !== undefined && { is: tag }) };
  return [
    compared('tag', [...(tag === was ? [] : [named]), ...all.filter(isTag)]),
    compared('source', [...moved, ...all.filter((one) => !isTag(one))]),
  ];
}

function recordChecks(statement: Statement, { record }: Evidence): readonly Check[] {
  const names = ['plan hash', 'tests', 'decider'] as const;
  const plan = record?.run.plan.fixed;
  if (!record || !plan) return names.map((name) => silent(name, 'no record'));
  const { run, approval, packages } = record;
  const { internalParameters } = statement.predicate.buildDefinition;
  const [{ name: versionId }] = statement.subject;
  const tattoo = tattooIn(statement);
  const fingerprint: Fingerprint = approval.fingerprint ?? run.data.tested ?? {};
  const again = tattoo && statementOf({ versionId, run, plan, approval, tattoo, fingerprint });
  const [was, is] = [statement.predicate.runDetails.metadata, again?.predicate.runDetails.metadata];
  const hashes = [planHash(plan), run.planHash, approval.planHash].filter((h) => h !== internalParameters.planHash);
  const approved = fingerprintDigest(fingerprint);
  return [
    compared('plan hash', [
      ...hashes
        .slice(0, 1)
        .map((hash) => ({ part: 'plan hash', was: internalParameters.planHash, is: hash ?? 'none' })),
      ...(approved === fingerprintIn(statement)
        ? []
        : [{ part: 'approved object', was: fingerprintIn(statement), is: approved }]),
    ]),
    compared('tests', testDifferences(was.goldbot_tests, is?.goldbot_tests ?? [])),
    compared('decider', deciderDifferences(was.goldbot_approval, is?.goldbot_approval)),
    packageCheck(statement, packages),
  ];
}

type Metadata = Statement['predicate']['runDetails']['metadata'];

function testDifferences(was: Metadata['goldbot_tests'], is: Metadata['goldbot_tests']): readonly Difference[] {
  const names = [...new Set([...was, ...is].map(({ name }) => name))];
  const words = (test: Metadata['goldbot_tests'][number] | undefined) =>
    test &&
    `${test.passed ? 'passed' : 'failed'}, exit code ${test.exitCode}, script ${test.digest.sha256.slice(0, 8)}`;
  return names.flatMap((name) => {
    const [before, now] = [was, is].map((all) => words(all.find((test) => test.name === name)));
    return before === now ? [] : [{ part: `test ${name}`, was: before ?? 'none', is: now ?? 'none' }];
  });
}

type ApprovalTold = Metadata['goldbot_approval'];

function deciderDifferences(was: ApprovalTold, is: ApprovalTold | undefined): readonly Difference[] {
  if (hashOf(was) === hashOf(is)) return [];
  const words = (told: ApprovalTold | undefined) =>
    told?.decisions
      .map(({ name, oid, verdict, at, inPlaceOf }) => {
        const place = inPlaceOf ? ` on behalf of ${inPlaceOf.name} (${inPlaceOf.oid.slice(0, 8)})` : '';
        return `${verdict} by ${name} (${oid.slice(0, 8)})${place} at ${at}`;
      })
      .join('; ');
  const [before, now] = [words(was), words(is)];
  if (before !== now) return [{ part: 'decisions', was: before || 'none', is: now || 'none' }];
  return [{ part: 'approval request', was: ruleWords(was), is: ruleWords(is) }];
}

const inTurn = ({ first = [], ...own }: ApprovalTold): string =>
  [...first, own].map(({ group, quorum }) => `${quorum} of ${group}`).join(', then ');

const ruleWords = (told: ApprovalTold | undefined): string =>
  told
    ? [
        `${told.id}, ${inTurn(told)}, requested by ${told.requestedBy?.name ?? 'a schedule'}`,
        ...(told.change === undefined ? [] : [`change ${told.change}`]),
        ...(told.changes ?? []),
      ].join(', ')
    : 'none';

function packageCheck(statement: Statement, packages: string | undefined): Check {
  const told = statement.predicate.runDetails.byproducts.find(({ name }) => name === 'packages')?.digest?.sha256;
  if (told === undefined) return silent('packages', 'no list');
  return same('packages', 'list of packages', told, packages ?? 'gone');
}

type Machine = NonNullable<Evidence['machine']>;

/** That nobody looked inside, and why; none when somebody did. */
export function unreadCheck({ os, guest }: Pick<Machine, 'os' | 'guest'>): readonly Check[] {
  if (!('unread' in guest) || guest.unread.why === 'no tattoo') return [];
  return [silent(nameOfInside(os), { unread: guest.unread })];
}

const nameOfInside = (os: Machine['os']) => (os === 'Windows' ? 'guest registry' : 'guest file');

function machineChecks(statement: Statement, { os, judgement, guest }: Machine): readonly Check[] {
  const name = nameOfInside(os);
  const { verdict, made, reference } = judgement;
  const isOther = verdict === 'reimaged' || judgement.because === 'other system';
  const origin = (of: typeof made) => ('image' in of ? `${of.image} ${of.version}` : JSON.stringify(of));
  const machine = compared('machine', isOther ? [{ part: 'OS disk', was: origin(reference), is: origin(made) }] : []);
  const unread = unreadCheck({ os, guest });
  if (unread.length > 0) return [machine, ...unread];
  const inside = 'text' in guest ? parseTattoo(guest.text) : undefined;
  const [{ digest }] = statement.subject;
  return [machine, compared(name, insideDifferences(statement, inside, digest.sha256))];
}

function insideDifferences(
  statement: Statement,
  inside: ReturnType<typeof parseTattoo>,
  digest: string,
): readonly Difference[] {
  if (!inside) return [{ part: 'tattoo inside', was: digest }];
  if (tattooHash(inside) === digest) return [];
  const told = tattooIn(statement);
  const names = (['image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const).filter(
    (field) => told?.[field] !== inside[field],
  );
  return names.map((field) => ({ part: `${field} inside`, was: told?.[field] ?? 'none', is: inside[field] }));
}

/** A public key that somebody trusts. `id`: what signatures call it; absent when that is not known. */
export interface TrustedKey {
  readonly id?: string;
  readonly key: PublicKey;
}

/**
 * What an envelope tells by itself, with public keys alone: whether its statement is signed by one of them, whole, and
 * one with itself. What else knows about the version is not asked. `unknown`: another key signed it.
 */
export function verifyAlone(
  envelope: Envelope,
  keys: readonly TrustedKey[],
): Verification & { readonly statement?: Statement } {
  const payload = Buffer.from(envelope.payload, 'base64');
  const statement = parseStatement(payload.toString('utf8'));
  const tattoo = statement && tattooIn(statement);
  const isWhole = statement !== undefined && tattoo !== undefined && isOneWithItself(statement, tattoo);
  const whole = compared('statement', isWhole ? [] : [{ part: 'statement', was: 'one that agrees with itself' }]);
  const told = statement && { statement };
  const [first] = envelope.signatures;
  if (!first)
    return { verdict: isWhole ? 'unsigned' : 'tampered', checks: [whole, silent('key', 'not signed')], ...told };
  const candidates = keys.filter((one) => isNamed(one, first.keyid));
  if (candidates.length === 0) return { verdict: 'unknown', checks: [whole, silent('key', 'not trusted')], ...told };
  const fits = candidates.some(({ key }) => signatureFits(payload, first.sig, key, envelope.payloadType));
  const isSound = fits && isWhole && envelope.payloadType === payloadType;
  const key = compared('key', fits ? [] : [{ part: 'signature', was: `by ${first.keyid}` }]);
  return { verdict: isSound ? 'verified' : 'tampered', checks: [whole, key], ...told };
}

/** A local key is known by its own digest; one without a name may be anybody's of a key vault. */
export function isNamed({ id, key }: TrustedKey, keyId: string): boolean {
  if (keyId.startsWith('local:')) return keyId === `local:${keyIdOf(key)}`;
  return id === undefined || id === keyId;
}

function isOneWithItself(
  { subject: [subject], predicate }: Statement,
  tattoo: NonNullable<ReturnType<typeof tattooIn>>,
) {
  const { externalParameters: told, internalParameters } = predicate.buildDefinition;
  const { fingerprint } = internalParameters;
  const tagged = tattooFromTags(
    Object.fromEntries(Object.entries(fingerprint).map(([part, value]) => [part.replace(/^tag /, ''), value])),
  );
  const isSame = tattoo.image === told.image && tattoo.version === told.version && tattoo.source === told.source;
  const isTagged = tagged === undefined || tattooHash(tagged) === tattooHash(tattoo);
  return isSame && isTagged && subject.digest.sha256 === tattooHash(tattoo);
}
