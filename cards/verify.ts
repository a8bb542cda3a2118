import { call } from '../core/command-call';
import type { Verification, Verified } from '../core/provenance';
import { facts, type Group, lines, logBlock, markedRow, type Tint, tint } from './parts/blocks';
import { type Button, showButton } from './parts/buttons';
import { checkName, checkWords, verdictBadges } from './parts/certificate';
import { clip, comparable, type Instant, moment, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/verify.json';

export interface VerifyView {
  /** `ubuntu-22 1.6.0`, or the name of a machine. */
  readonly about: string;
  /** The version that is certified; absent when none is known. */
  readonly image?: { readonly image: string; readonly version: string };
  readonly verdict: Verified;
  /** What follows from it, in a sentence or two. */
  readonly because: string;
  readonly checks: Verification['checks'];
  /** Absent: no certificate is known. */
  readonly certificate?: {
    /** SHA-256 of the statement. */
    readonly digest: string;
    readonly runId: string;
    readonly signed?: { readonly by: string; readonly at: Instant };
    /** Why the last try to sign it failed, and when the next one is. */
    readonly said?: string;
    readonly nextAt?: Instant;
  };
  /** The certificate as text, for a file: only when it was asked for. */
  readonly envelope?: string;
  /** A machine whose inside may be read now. */
  readonly fresh?: { readonly machine: string };
  /** What could not be asked, a sentence each. */
  readonly gaps?: readonly string[];
  readonly asOf: Instant;
}

/** Some 10,000 characters: Teams takes 28 KB a card, and its words hold the text once more. */
const maxEnvelopeLines = 60;

const tints: Readonly<Record<Verified, Tint['style']>> = {
  verified: 'good',
  tampered: 'attention',
  unsigned: 'warning',
  unknown: 'emphasis',
};

/** A version or a machine, held against the certificate of its version. */
export function verifyCard(view: VerifyView): Reply {
  const { verdict, because, certificate, envelope, gaps = [] } = view;
  const notes = [
    ...gaps.slice(0, 4).map((gap) => oneLine(gap, 200)),
    envelope === undefined
      ? ''
      : 'Save it as a file, then `npm run verify -- <file> --key <public key>` checks it without goldbot.',
    `As of ${moment(view.asOf)}`,
  ];
  return sheet(
    template,
    {
      title: `Certificate of ${oneLine(view.about, 80)}`,
      subtitles: [view.image && view.about !== nameOf(view.image) ? `made from ${nameOf(view.image)}` : ''],
      buttons: buttonsOf(view),
      next: [],
    },
    {
      tints: [tint(tints[verdict], `${verdictBadges[verdict]}: `, clip(because, 600))],
      groups: checkGroup(view),
      facts: certificate ? certificateFacts(certificate) : [],
      logs: logBlock(envelope?.match(/.{1,180}/gs) ?? [], maxEnvelopeLines),
      notes: lines(notes),
    },
  );
}

const nameOf = ({ image, version }: NonNullable<VerifyView['image']>): string => `${image} ${version}`;

function checkGroup({ checks }: VerifyView): readonly Group[] {
  const marks = { agrees: 'done', differs: 'failed', silent: 'skipped' } as const;
  const rows = checks
    .slice(0, 12)
    .map((check) => markedRow(marks[check.state], `${checkName(check)}: ${clip(checkWords(check), 160)}`));
  return rows.length === 0 ? [] : [{ heading: 'Checks', rows }];
}

function certificateFacts({ digest, runId, ...told }: NonNullable<VerifyView['certificate']>) {
  return facts(
    ['Statement', comparable(digest)],
    ['Signed by', told.signed ? signedWords(told.signed.by) : `not yet${whyUnsigned(told)}`],
    ['Signed', told.signed && moment(told.signed.at)],
    ['Run', runId],
  );
}

/** How far a certificate is: who signed it, and when; or why nobody has, and when that is tried again. */
export type SignatureView = Pick<NonNullable<VerifyView['certificate']>, 'signed' | 'said' | 'nextAt'>;

/** `signed by a local key, 3f9c1a2b`. */
export function signatureWords(view: SignatureView): string {
  return view.signed ? `signed by ${signedWords(view.signed.by)}` : `not signed yet${whyUnsigned(view)}`;
}

function whyUnsigned({ said, nextAt }: SignatureView): string {
  if (said === undefined) return '';
  const next = nextAt === undefined ? 'goldbot has given up' : `next try ${moment(nextAt)}`;
  return `: ${oneLine(said, 160).replace(/[.]$/, '')}; ${next}`;
}

/** `a local key, 3f9c1a2b`, `key vault gold, key goldbot, version 0a1b2c3d`. */
export function signedWords(keyId: string): string {
  const local = /^local:([0-9a-f]{8})/.exec(keyId);
  if (local) return `a local key, ${local[1]}`;
  const vault = /^https:\/\/([^.]+)\.[^/]+\/keys\/([^/]+)\/([^/]{1,8})/.exec(keyId);
  return vault ? `key vault ${vault[1]}, key ${vault[2]}, version ${vault[3]}` : oneLine(keyId, 120);
}

function buttonsOf({ image, certificate, envelope, fresh }: VerifyView): readonly Button[] {
  const show = image ? [showButton(image.image, image.version)] : [];
  const text: Button[] =
    image && certificate && envelope === undefined
      ? [
          {
            title: 'Show the certificate',
            call: call('verify', { what: `${image.image}@${image.version}`, certificate: true }),
          },
        ]
      : [];
  const inside: Button[] = fresh
    ? [{ title: 'Read inside now', call: call('verify', { what: fresh.machine, fresh: true }) }]
    : [];
  return [...inside, ...text, ...show];
}
