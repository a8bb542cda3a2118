import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
// Not among its exports: the plugins that Stryker knows leave out nodes with all that is in them, never a single mutant.
import { allMutators } from '../../node_modules/@stryker-mutator/instrumenter/dist/src/mutators/index.js';

/** `MUTANTS_SAMPLE=20`: one mutant of twenty, by a hash of where it is and of `MUTANTS_SEED`. All when it is not set. */
const oneOf = Number(process.env.MUTANTS_SAMPLE ?? 1);
const seed = process.env.MUTANTS_SEED ?? '1';
if (!(oneOf >= 1)) throw new Error('MUTANTS_SAMPLE is how many mutants one is taken of: 20');

function isChosen(path, mutator, nth) {
  const { start, filename } = path.node.loc;
  const text = `${seed} ${filename} ${start.line}:${start.column} ${path.node.type} ${mutator} ${nth}`;
  return createHash('sha256').update(text).digest().readUInt32BE() % oneOf === 0;
}

for (const mutator of oneOf > 1 ? allMutators : []) {
  const all = mutator.mutate.bind(mutator);
  mutator.mutate = function* sample(path) {
    let nth = 0;
    for (const mutant of all(path)) {
      if (isChosen(path, mutator.name, nth)) yield mutant;
      nth += 1;
    }
  };
}

const levels = new Set(['debug', 'info', 'warn', 'error', 'fatal']);
const nameOf = (node) => node.name ?? node.property?.name;

/** What is written for those who run or mend goldbot: log entries, and the texts of errors that only a mistake in the code throws. */
const forEngineers = {
  shouldIgnore(path) {
    const { callee } = path.node;
    if (path.isNewExpression() && callee.name === 'Error') return 'the text of an internal error';
    const isLog = path.isCallExpression() && levels.has(callee.property?.name) && nameOf(callee.object) === 'log';
    return isLog ? 'a log entry' : undefined;
  },
};

/** Wilson's interval, in hundredths: where the share of all mutants lies when `seen` of `n` taken at random were seen. */
function interval(seen, n) {
  const z = 1.96;
  const [share, square] = [seen / n, (z * z) / n];
  const middle = (share + square / 2) / (1 + square);
  const half = (z * Math.sqrt((share * (1 - share)) / n + square / (4 * n))) / (1 + square);
  return [middle - half, middle + half].map((end) => (end * 100).toFixed(1));
}

/** What a run says beside the mutants that live: which tests cost most, and how many of the mutants were seen. */
const share = {
  onDryRunCompleted({ result: { tests } }) {
    const times = new Map();
    for (const { fileName, timeSpentMs } of tests) times.set(fileName, (times.get(fileName) ?? 0) + timeSpentMs);
    const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, 8);
    console.log(
      `Slowest: ${slowest.map(([file, ms]) => `${relative('.', file)} ${Math.round(ms / 1000)} s`).join(', ')}`,
    );
  },
  onMutantTested({ status, fileName, location: { start }, mutatorName, replacement, killedBy, statusReason }) {
    const at = `${relative('.', fileName)}:${start.line}:${start.column}`;
    if (status === 'Survived' || status === 'NoCoverage' || status === 'RuntimeError')
      console.log(`${status.padEnd(10)} ${at} ${mutatorName}: ${replacement.replace(/\s+/g, ' ').slice(0, 100)}`);
    else if (process.env.MUTANTS_KILLERS)
      console.log(`${status.padEnd(10)} ${at} ${mutatorName}: ${killedBy} ${statusReason?.slice(0, 200)}`);
  },
  onMutationTestReportReady(_, { systemUnderTestMetrics: { metrics } }) {
    const { totalDetected: seen, totalValid: n, survived, noCoverage, timeout, ignored } = metrics;
    const [from, to] = n > 0 ? interval(seen, n) : ['0', '100'];
    const sampled = oneOf > 1 ? `, one of ${oneOf}, seed ${seed}: of all between ${from} and ${to} % (95 %)` : '';
    console.log(
      `${process.env.MUTANTS ?? 'core'}: ${seen} of ${n} mutants are seen, ${((seen / n) * 100).toFixed(1)} %${sampled}; ` +
        `${survived} live, ${noCoverage} are in code that no test runs, ${timeout} ran out of time, ${ignored} left out.`,
    );
  },
};

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'for-engineers', forEngineers),
  declareValuePlugin(PluginKind.Reporter, 'share', share),
];
