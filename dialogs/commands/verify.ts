import { z } from 'zod';
import { verifyCard } from '../../cards';
import { findImage } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { noneIfMissing, type OriginName, tattooVerdict } from '../../core/images';
import { readInside } from '../changes';
import {
  type Answer,
  type CommandContext,
  type Deps,
  defineCommand,
  flag,
  mayNotSee,
  meantImage,
  splitRef,
  versionWord,
  word,
} from '../conversation';
import { chooseMachine, type Evidence, evidenceOf, machineSeen, mayBeRead } from '../inventory';
import { envelopeText, imageOf, machineVerified, needVersion, verified, versionsOf } from '../present';

/** `verify <image@version>` and `verify <vm>`: what is there, held against the signed certificate of its version. */
export const verify = defineCommand({
  verb: 'verify',
  summary: 'Checks a version or a machine against the signed birth certificate of its version.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    what: word('Version or machine', 'image@version|vm', {
      example: 'ubuntu-22@1.5.0',
      takes: 'an image with its version, or the name or resource id of a machine',
    }),
    version: versionWord.optional(),
    certificate: flag('Show the certificate as text, for `npm run verify`'),
    fresh: flag('Read the tattoo inside the machine now; for its owners and admins'),
  }),
  examples: [
    'verify ubuntu-22@1.5.0',
    'verify ubuntu-22 latest',
    'verify ubuntu-22@1.5.0 --certificate',
    'verify vm-payments-api-001',
    'verify vm-payments-api-001 --fresh',
  ],

  async run(ctx, { what, version, certificate, fresh }, deps) {
    const { image, version: named } = splitRef(what);
    const isImage = version !== undefined || named !== undefined || findImage(deps.catalogue(), image) !== undefined;
    if (!isImage) return verifyMachine(ctx, { typed: what, fresh }, deps);
    return verifyVersion(ctx, { typed: image, word: version ?? named ?? 'latest', certificate }, deps);
  },
});

interface Wanted {
  readonly typed: string;
  /** Its number, `latest`, `previous` or `candidate`. */
  readonly word: string;
  readonly certificate: boolean;
}

async function verifyVersion(ctx: CommandContext, { typed, word, certificate }: Wanted, deps: Deps): Promise<Answer> {
  const name = sureImage(ctx, typed, word, deps);
  const { image, ref } = imageOf(deps.catalogue(), name);
  const listed = needVersion(await versionsOf(image, deps), word, image);
  const version = (await deps.read.version(ref, listed.version)) ?? listed;
  const { kept, ...found } = await verified({ image: name, version }, deps);
  const card = verifyCard({
    ...found,
    about: `${name} ${version.version}`,
    image: { image: name, version: version.version },
    ...(certificate && kept && { envelope: envelopeText(kept) }),
    asOf: ctx.now,
  });
  return { ...card, outcome: { yes: found.verdict === 'verified' } };
}

/** @throws UserError `UNKNOWN_IMAGE`, `WRONG_ROLE`. */
function sureImage({ rights }: CommandContext, typed: string, word: string, { catalogue }: Deps): string {
  const meant = meantImage(catalogue(), typed, (near) => call('verify', { what: `${near}@${word}` }));
  if (meant.kind === 'choose') {
    const names = meant.among.map(({ name }) => name);
    throw new UserError('UNKNOWN_IMAGE', `"${typed.slice(0, 60)}" may mean ${names.join(' or ')}.`, {
      hint: 'Name one of them.',
      next: names.slice(0, 3).map((name) => call('verify', { what: `${name}@${word}` })),
    });
  }
  const { name } = meant.image;
  if (!rights.has('viewer', name)) throw mayNotSee(name);
  return name;
}

/** From outside: what is inside is read on demand alone, because it runs something on a team's machine. */
async function verifyMachine(
  ctx: CommandContext,
  { typed, fresh }: { readonly typed: string; readonly fresh: boolean },
  deps: Deps,
): Promise<Answer> {
  const seen = await machineSeen(ctx, typed, deps);
  if (!('machine' in seen)) {
    const machines = seen.map(({ machine }) => machine);
    return chooseMachine(typed, machines, (what) => call('verify', { what, ...(fresh && { fresh }) }));
  }
  const [facts] = await deps.read.machines(seen.machine.id);
  const otherwise = call('verify', { what: seen.machine.name });
  if (fresh) return readInside(ctx, { seen, facts, verify: true, otherwise }, deps);
  const known = await evidenceOf(deps, seen, facts);
  const { evidence, gaps } = known;
  const judgement = tattooVerdict(evidence);
  const version = await versionMadeFrom(judgement.made, known, deps);
  const os = facts?.os ?? 'Linux';
  const found = await machineVerified(
    { name: seen.machine.name, os, judgement, guest: evidence.guest, version, gaps },
    deps,
  );
  const card = verifyCard({
    ...found,
    ...(ctx.rights.actsFor(seen.team) && mayBeRead(known) && { fresh: { machine: seen.machine.name } }),
    asOf: ctx.now,
  });
  return { ...card, outcome: { yes: found.verdict === 'verified' } };
}

/** What the disk was made from; the version that the machine names is usually the same, and known already. */
async function versionMadeFrom(made: OriginName, { golden, version: own }: Evidence, { read, catalogue }: Deps) {
  if (!('image' in made) || !findImage(catalogue(), made.image)) return undefined;
  const asked = { image: made.image, number: made.version };
  if (own && golden?.image === made.image && golden.version === made.version) return { ...asked, found: own };
  const { ref } = imageOf(catalogue(), made.image);
  const [found] = await noneIfMissing(read.version(ref, made.version).then((one) => (one ? [one] : [])));
  return { ...asked, ...(found && { found }) };
}
