import { z } from 'zod';
import { logCard } from '../../cards';
import { call, line } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { linesForPeople, stepNames, stepsBegun } from '../../core/images';
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
  pace: 'look',
  args: z.object({ request: requestId, tail: count('Lines', 200, { example: '100' }).default(cardLines) }),
  examples: ['logs R-7F3KQ', 'logs R-7F3KQ --tail 100'],

  async run(ctx, { request, tail }, deps) {
    const run = await runOf(request, deps.reads);
    if (run.kind !== 'publish') throw noLog(run);
    const build = await readBuild(run, deps);
    if (tail > cardLines) return { text: rawText(run, build, tail) };
    const steps = run.plan.fixed ? stepNames(run.plan.fixed.recipe) : [];
    const lines = build.raw === undefined ? build.kept : linesForPeople(build.raw, steps);
    return logCard({
      id: run.id,
      image: run.subject,
      what: `${stageOf(run)}, attempt ${run.attempt}`,
      lines: lines.slice(-tail),
      total: lines.length,
      ...failedIn(run),
      ...stepOf(run, build.raw, steps),
      ...(run.data.tests && { tests: run.data.tests }),
      source: build.raw === undefined ? 'what goldbot kept; Image Builder has no log now' : 'from Image Builder',
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

interface BuildLog {
  /** As Image Builder has it; absent when it has none now. */
  readonly raw?: string;
  /** What was kept of it with a failure. */
  readonly kept: readonly string[];
}

async function readBuild({ plan: { fixed }, data }: PublishRun, deps: Deps): Promise<BuildLog> {
  const raw = fixed && data.template ? await ifKnown(deps.read.buildLog(fixed.place, data.template)) : undefined;
  const kept = ['capture', 'customise'].includes(data.failure?.stage ?? '') ? (data.failure?.tail ?? []) : [];
  return { kept, ...(raw !== undefined && { raw }) };
}

/** The end of it as it is, then what the tests printed. */
function rawText(run: PublishRun, { raw, kept }: BuildLog, tail: number): string {
  const lines = [...(raw === undefined ? kept : raw.trimEnd().split('\n')), ...testLines(run)];
  return [`Log of ${run.subject}, ${run.id}`, ...lines.slice(-tail), line(call('status', { request: run.id }))].join(
    '\n',
  );
}

/** Packer makes a step of what follows the recipe as well. */
function stepOf({ stage }: PublishRun, raw: string | undefined, steps: readonly string[]) {
  const n = stage === 'customise' && raw !== undefined ? stepsBegun(raw) : 0;
  const name = steps[n - 1];
  return name === undefined ? {} : { step: { name, n, of: steps.length } };
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
