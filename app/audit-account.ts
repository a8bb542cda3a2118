import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { envelopesIn, localSigner, openCheckpoint, type Signer } from '../core/provenance';
import { createAzure, createCredential } from '../services';
import { accountFor } from '../workflows/checkpoints';
import { auditDatabase } from './audit-database';
import { patientOf } from './examination';
import { runCommand } from './run';
import { localSettings } from './settings';
import { signerFrom, signingKeyIn } from './signing-key';
import { readText } from './verify-text';

/**
 * `npm run audit:account`: somebody who has the signing key answers for an alteration of the audit, once they have looked
 * into it. The record stays as it is; `audit:verify` names the alteration and the account for ever.
 */
const usage =
  'npm run audit:account -- --entry <number> --by <object id> --reason "what you found" [--vault-key https://… --as me --checkpoint saved.txt … --sandbox]: docs/verify.md#somebody-answers-for-an-alteration';

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      entry: { type: 'string' },
      by: { type: 'string' },
      reason: { type: 'string' },
      'vault-key': { type: 'string' },
      as: { type: 'string' },
      checkpoint: { type: 'string', multiple: true, default: [] },
      sandbox: { type: 'boolean', default: false },
    },
  });
  const { entry, by, reason } = values;
  if (
    !/^\d{1,15}$/.test(entry ?? '') ||
    !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(by ?? '') ||
    !reason?.trim()
  ) {
    throw new UserError(
      'BAD_COMMAND',
      'Say which entry, who answers for it by their object id in Entra, and what was found.',
      {
        hint: usage,
      },
    );
  }
  const signer = await signerOf(values);
  const texts = await Promise.all(values.checkpoint.map(readText));
  const given = texts.flatMap(envelopesIn).flatMap((envelope) => {
    const opened = openCheckpoint(envelope, []);
    return 'checkpoint' in opened ? [opened.checkpoint] : [];
  });
  const asked = { entry: Number(entry), by: String(by).toLowerCase(), reason: reason.trim(), at: new Date(), given };
  const account = await auditDatabase(values, (database) => accountFor(database, signer, asked));
  console.log(
    [
      `accounted for: ${account.altered.why}, at entry ${account.altered.firstBroken}.`,
      `The ${account.entries} entries stand as they are, and the chain goes on from there. audit:verify names this for ever.`,
    ].join('\n'),
  );
});

interface From {
  readonly 'vault-key'?: string | undefined;
  readonly as?: string | undefined;
  readonly sandbox: boolean;
}

/** @throws UserError `SETTINGS_INVALID` when there is no key. */
async function signerOf({ 'vault-key': vaultKey, as, sandbox }: From): Promise<Signer> {
  if (sandbox) {
    const { GOLDBOT_DATA } = localSettings({ LOG_LEVEL: 'error', ...process.env });
    return localSigner(await signingKeyIn(GOLDBOT_DATA));
  }
  if (vaultKey !== undefined) {
    const own = as === 'me' ? { credential: createCredential({ kind: 'azure-cli' }) } : patientOf(process.env).azure;
    return createAzure({ ...own, subscription: '' }).signer(vaultKey);
  }
  const file = process.env['GOLDBOT_SIGNING_KEY_FILE'];
  if (file) return signerFrom(file);
  throw new UserError('SETTINGS_INVALID', 'No setting says which key signs.', {
    hint: 'Give --vault-key with the key of azure.yaml under provenance, or set GOLDBOT_SIGNING_KEY_FILE.',
  });
}
