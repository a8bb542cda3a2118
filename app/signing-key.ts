import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { localSigner, type Signer } from '../core/provenance';

/**
 * The private key of a laptop, in PEM, from the data folder; made there the first time. Its public half stands beside
 * it, for `npm run verify`. Several processes may ask at the same time: all get the same key.
 */
export async function signingKeyIn(folder: string): Promise<string> {
  const file = join(folder, 'signing-key.pem');
  const known = await read(file);
  if (known !== undefined) return known;
  await mkdir(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await placeOnce(file, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  const pem = await readFile(file, 'utf8');
  await writeFile(join(folder, 'signing-key.pub.pem'), createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
  return pem;
}

/** Whole or not at all, and never over what somebody else has just put there. */
async function placeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** The key of GOLDBOT_SIGNING_KEY_FILE. @throws UserError `SETTINGS_INVALID` */
export function signerFrom(file: string): Signer {
  try {
    return localSigner(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = (error as Error).message;
    throw new UserError('SETTINGS_INVALID', `GOLDBOT_SIGNING_KEY_FILE cannot be used: ${why}`, {
      hint: 'Make one with “openssl ecparam -genkey -name prime256v1 -noout -out signing-key.pem”, or name a key vault in azure.yaml.',
    });
  }
}
