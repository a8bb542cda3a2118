import { randomUUID } from 'node:crypto';
import { isUserError, UserError } from '../core/errors';
import { sleep } from '../core/time';
import { createCredential, tokenOf } from '../services';
import { askGoldbot, questionIn } from './asking';

/**
 * `goldbot <sentence>`: asks a goldbot that runs, in a pipeline. Exit codes: 0 yes or done, 1 no or failed, 2 the command
 * is wrong, 3 not allowed, 4 no answer in time.
 */
const usage = `goldbot [--wait] [--timeout <minutes>] [--json] <sentence>: docs/programs.md
  goldbot latest ubuntu-22
  goldbot verify ubuntu-22@1.6.0
  goldbot --wait --timeout 240 publish ubuntu-22
GOLDBOT_URL says where goldbot is. The token is GOLDBOT_TOKEN; without one it is asked of Entra for the audience
GOLDBOT_AUDIENCE, by AZURE_FEDERATED_TOKEN_FILE with AZURE_CLIENT_ID and AZURE_TENANT_ID, or by whoever ran \`az login\`.`;

const unasked = 2;

/** @throws UserError `SETTINGS_INVALID` */
function needed(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new UserError('SETTINGS_INVALID', `${name} is not set.`, { hint: 'See goldbot --help.' });
}

/** The token is sent there: nothing in between may read it. @throws UserError `SETTINGS_INVALID` */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1';
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url.origin;
  throw new UserError('SETTINGS_INVALID', 'GOLDBOT_URL is not an https address.', {
    hint: 'Write it as https://goldbot.contoso.com',
  });
}

/** One way alone is tried: the one whose settings are there. */
function tokens(): () => Promise<string> {
  const { GOLDBOT_TOKEN, AZURE_FEDERATED_TOKEN_FILE: tokenFile, AZURE_CLIENT_ID, AZURE_TENANT_ID } = process.env;
  if (GOLDBOT_TOKEN) return async () => GOLDBOT_TOKEN.trim();
  const audience = needed('GOLDBOT_AUDIENCE').replace(/^api:\/\//, '');
  const federated = tokenFile && {
    kind: 'workload-identity' as const,
    ...{ tokenFile, clientId: AZURE_CLIENT_ID ?? needed('AZURE_CLIENT_ID') },
    tenantId: AZURE_TENANT_ID ?? needed('AZURE_TENANT_ID'),
  };
  const credential = createCredential(federated || { kind: 'azure-cli' });
  const token = tokenOf(credential, `${audience}/.default`);
  return () =>
    token().catch((cause: Error) => {
      throw new UserError('WRONG_ROLE', `Entra gave no token for ${audience}: ${cause.message.split('\n')[0]}`, {
        hint: 'See docs/programs.md.',
        cause,
      });
    });
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  if (given.length === 0 || given.some((word) => word === '--help' || word === '-h')) {
    console.log(usage);
    return given.length === 0 ? unasked : 0;
  }
  try {
    const question = questionIn(given);
    const { text, exitCode } = await askGoldbot(question, {
      ...{ url: addressOf(needed('GOLDBOT_URL')), token: tokens(), fetch, sleep },
      ...{ now: () => performance.now(), key: randomUUID(), tell: (line: string) => console.error(line) },
    });
    console.log(text);
    return exitCode;
  } catch (error) {
    if (!isUserError(error)) throw error;
    console.error(`${error.message}\n${error.hint}`);
    return error.code === 'WRONG_ROLE' ? 3 : unasked;
  }
}

void main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 4;
  },
);
