import { UserError } from '../../core/errors';
import {
  type Account,
  accountPayload,
  accountPreAuthentication,
  type Checkpoint,
  preAuthentication,
  type Signer,
  type TrustedKey,
} from '../../core/provenance';
import {
  appendAudit,
  auditHead,
  auditPage,
  checkAudit,
  type Database,
  goldbot,
  keepAccount,
  stoodBy,
} from '../../store';

interface Accounting {
  /** Number of the first wrong entry, as whoever answers for it has found it. */
  readonly entry: number;
  /** Their object id. */
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
  /** Checkpoints from outside. */
  readonly given?: readonly Checkpoint[];
}

/**
 * Answers for an alteration of the audit as it stands now, and says so in it. Nothing is changed and nothing hidden: the
 * alteration is named for ever, with who answered for it. Only who has the key can. Not idempotent.
 *
 * @throws UserError `BAD_COMMAND` (there is none, or another one; entries stand behind the head), and as the key refuses.
 */
export async function accountFor(
  database: Database,
  signer: Signer,
  { entry, by, reason, at, given = [] }: Accounting,
): Promise<Account> {
  const accountKeys = [await keyOf(signer)];
  const { verdict } = await checkAudit(database, { whole: true, given, accountKeys });
  const head = await auditHead(database, { all: false });
  if (verdict.intact || !head)
    throw refusal('The audit is as it was written, or accounted for.', 'There is nothing to do.');
  const { firstBroken, upTo, why } = verdict;
  if (firstBroken !== entry) throw refusal(`The first wrong entry is ${firstBroken}, not ${entry}: ${why}.`, look);
  const [beyond] = await auditPage(database, { after: head.seq, last: Number.MAX_SAFE_INTEGER, limit: 1 });
  if (beyond)
    throw refusal(
      `Entry ${beyond.seq} stands behind the head of the chain: goldbot cannot write its next entry.`,
      behind,
    );
  const stood = await stoodBy(database, head.seq);
  if (stood === undefined) throw new Error('the record was not read to its end');
  const altered = { firstBroken, ...(upTo !== undefined && { upTo }), why };
  const account: Account = { altered, entries: head.seq, stood, head: head.hash, by, reason, at: at.toISOString() };
  const payload = accountPayload(account);
  const signature = await signer.sign(accountPreAuthentication(payload));
  await database.transaction(async (tx) => {
    await keepAccount(tx, { at: account.at, payload }, signature);
    const detail = {
      entry,
      ...(upTo !== undefined && { upTo }),
      why,
      by,
      reason,
      entries: account.entries,
      key: signature.key.id,
    };
    await appendAudit(tx, [{ at, who: goldbot, action: 'account', detail }]);
  });
  return account;
}

const look = 'Run npm run audit:verify, look into what it names, and give the number of that entry.';
const behind = 'Take a copy of the database, then delete the rows of audit that have a higher number than audit_head.';

function refusal(message: string, hint: string): UserError {
  return new UserError('BAD_COMMAND', message, { hint });
}

/**
 * The key that signs now. Keys in the database could be anybody's who can write to it. An account that another one signed
 * has to be given again.
 */
export async function keyOf(signer: Signer): Promise<TrustedKey> {
  // Something that is neither a certificate, nor a checkpoint, nor an account.
  const { key } = await signer.sign(preAuthentication('{}', 'application/vnd.goldbot.which-key+json'));
  return { id: key.id, key: key.public };
}
