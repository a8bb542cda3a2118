import { z } from 'zod';
import { logCard } from '../../cards';
import { call, line } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type PublishRun, type Run, stageLabel } from '../../core/runs';
import { count, type Deps, defineCommand, requestId, runOf } from '../conversation';
import { ifKnown } from '../present';

/** How much a card shows; more is answered in words. */
const cardLines = 36;

/** `logs <request>`: the end of the build log, and what the tests said. */
export const logs = defineCommand({
  verb: 'logs',
  summary: 'Shows the end of the build log and the output of the tests.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ request: requestId, tail: count('Lines', 200, { example: '100' }).default(cardLines) }),
  examples: ['logs R-7F3KQ', 'logs R-7F3KQ --tail 100'],

  async run(ctx, { request, tail }, deps) {
    const run = await runOf(request, deps.reads);
    if (run.kind !== 'publish') throw noLog(run);
    const { lines, source, total } = await readLog(run, deps);
    const shown = lines.slice(-tail);
    if (tail > cardLines)
      return {
        text: [`Log of ${run.subject}, ${run.id}`, ...shown, line(call('status', { request: run.id }))].join('\n'),
      };
    return logCard({
      id: run.id,
      image: run.subject,
      what: `${stageOf(run)}, attempt ${run.attempt}`,
      lines: shown,
      total,
      ...failedIn(run),
      source,
      asOf: ctx.now,
    });
  },
});

function noLog({ id }: Run): UserError {
  return new UserError('BAD_COMMAND', `${id} builds nothing: it has no log.`, {
    hint: 'See what became of it.',
    next: [call('status', { request: id })],
  });
}

function failedIn({ data: { failure } }: PublishRun) {
  if (failure === undefined) return {};
  const { what, error, tail, remedy } = failure;
  return { failed: { name: what, error, output: tail, ...(remedy !== undefined && { remedy }) } };
}

interface FoundLog {
  readonly lines: readonly string[];
  readonly total: number;
  readonly source: string;
}

/** Image Builder's log while it exists, otherwise the tail kept with the failure; then the tests' output. */
async function readLog(run: PublishRun, deps: Deps): Promise<FoundLog> {
  const { fixed } = run.plan;
  const live =
    fixed && run.data.template ? await ifKnown(deps.read.buildLog(fixed.place, run.data.template)) : undefined;
  const kept = ['capture', 'customise'].includes(run.data.failure?.stage ?? '') ? (run.data.failure?.tail ?? []) : [];
  const build = live === undefined ? kept : live.trimEnd().split('\n');
  const lines = [...build, ...testLines(run)];
  const source = live === undefined ? 'what goldbot kept; Image Builder has no log now' : 'from Image Builder';
  return { lines, total: lines.length, source };
}

function testLines(run: PublishRun): readonly string[] {
  return (run.data.tests ?? []).flatMap((test) => [
    `test ${test.name}: ${test.passed ? 'passed' : `failed with exit code ${test.exitCode}`}`,
    ...test.output
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${line}`),
  ]);
}

function stageOf(run: PublishRun): string {
  const stage = run.data.failure?.stage ?? run.stage;
  return stageLabel(stage) ?? stage;
}
