import { randomUUID } from 'node:crypto';
import { type Asked, askGoldbot, questionIn } from '../../app/asking';
import { tenantId } from '../../sandbox/entra/people';
import { goldbotApi, pipelineApp, unlistedApp } from '../../sandbox/entra/tokens';
import type { LocalWorld } from '../support/world';

/** Applications of the sandbox's Entra, by the names that a transcript gives them. */
const applications: Readonly<Record<string, { readonly appId: string; readonly secret: string }>> = {
  'Build pipeline': pipelineApp,
  'Night job': unlistedApp,
};

/** A command `goldbot …` that a program runs. */
export interface Running {
  /** What it printed so far, a line each; at last `exit` and the code. */
  readonly log: readonly string[];
  /** Once it has ended; never rejects: what it threw is in the log. */
  readonly over: Promise<void>;
}

/**
 * Runs the command as the application, as a pipeline does: with a token of the sandbox's Entra, against goldbot's own
 * address.
 *
 * @throws Error for a program that the sandbox's Entra does not know.
 */
export function runAs(program: string, command: string, world: LocalWorld): Running {
  const application = applications[program];
  if (!application) throw new Error(`Entra has no application “${program}”`);
  const [name, ...words] = wordsOf(command);
  if (name !== 'goldbot') throw new Error(`“${command}” is not the command goldbot`);
  const log: string[] = [];
  const asked = askGoldbot(questionIn(words), {
    ...{ url: world.botUrl, token: () => tokenOf(application, world), fetch, key: randomUUID() },
    now: () => performance.now(),
    // Ten seconds between two looks are long for somebody who reads along, and goldbot lets twenty questions in.
    sleep: (ms) => new Promise((done) => setTimeout(done, ms / 8)),
    tell: (line) => void log.push(line),
  });
  const ended = ({ text, exitCode }: Asked) => void log.push(...text.split('\n'), `exit ${exitCode}`);
  return { log, over: asked.then(ended, (error: unknown) => void log.push(String(error))) };
}

/** As a shell splits them. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = '']) => quoted ?? bare);

async function tokenOf({ appId, secret }: (typeof applications)[string], world: LocalWorld): Promise<string> {
  const answer = await fetch(`${world.azureUrl}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'x-sandbox-host': 'login.microsoftonline.com' },
    body: new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: appId, client_secret: secret },
      scope: `api://${goldbotApi.appId}/.default`,
    }),
  });
  const { access_token } = (await answer.json()) as { access_token?: string };
  if (!access_token) throw new Error(`Entra gave no token: ${answer.status}`);
  return access_token;
}
