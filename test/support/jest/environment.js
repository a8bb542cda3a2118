const { appendFileSync, readFileSync } = require('node:fs');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');
const { keepRoom } = require('./young.js');

keepRoom();

/**
 * Node lets a process end once nobody listens to its parent, and counts a listener too many here: workers that were told
 * to end stayed until jest killed them.
 */
process.on('removeListener', (name) => {
  if (name === 'message' && process.listenerCount(name) === 0) process.channel?.unref();
});

/** Stands for this very context where jest wants one of its own. */
const here = vm.createContext({});
const { compileFunction } = vm;
vm.compileFunction = (code, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(code, parameters, parsingContext === here ? options : { ...options, parsingContext });

/** A file to which each suite adds what it took: `GOLDBOT_SUITE_CPU=cpu.tsv npm test`. */
const costs = process.env['GOLDBOT_SUITE_CPU'];

/** Seconds of CPU of this worker and of the processes that have ended under it; Linux alone tells. */
function cpuSeconds() {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  return fields
    .split(' ')
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
}

/** Of the package expect, which is loaded once a worker too. */
const matchers = Symbol.for('$$jest-matchers-object');
const kept = ['console', 'process', 'Error'];

/**
 * Suites of a worker share one context, so that modules are loaded once a worker (runtime.js) and `instanceof` holds of
 * what they make.
 */
module.exports = class SharedContext extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    if (costs) this.cost = { of: context.testPath, before: cpuSeconds() };
    this.global = globalThis;
    this.symbols = new Set(Object.getOwnPropertySymbols(globalThis));
    this.replaced = kept.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    this.exit = process.exit;
    this.environment = { ...process.env };
    this.exitCode = process.exitCode;
  }

  getVmContext() {
    return here;
  }

  async teardown() {
    if (this.cost) appendFileSync(costs, `${(cpuSeconds() - this.cost.before).toFixed(2)}\t${this.cost.of}\n`);
    process.exit = this.exit;
    process.exitCode = this.exitCode;
    for (const name of Object.keys(process.env)) if (!(name in this.environment)) delete process.env[name];
    Object.assign(process.env, this.environment);
    // What jest keeps between its own modules. Packages may have put names there, and are not loaded again.
    for (const key of Object.getOwnPropertySymbols(globalThis)) {
      if (!this.symbols.has(key) && key !== matchers && /jest|event_handlers|retry|test_timeout/i.test(String(key)))
        Reflect.deleteProperty(globalThis, key);
    }
    for (const [name, descriptor] of this.replaced) Object.defineProperty(globalThis, name, descriptor);
    this.global = undefined;
    await super.teardown();
  }
};
