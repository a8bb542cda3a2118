import { generateKeyPairSync } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The private key of a laptop, in PEM, from the data folder; made there the first time. Its public half stands beside
 * it, for `npm run verify`. Several processes may ask at the same time: all get the same key.
 */
export async function signingKeyIn(folder: string): Promise<string> {
  const file = join(folder, 'signing-key.pem');
  const known = await read(file);
  if (known !== undefined) return known;
  await mkdir(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    // Whole or not at all, and never over a key that somebody else has just made.
    await link(draft, file);
    await writeFile(join(folder, 'signing-key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return readFile(file, 'utf8');
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
