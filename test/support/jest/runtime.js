const asyncHooks = require('node:async_hooks');
const { createRequire } = require('node:module');
const { sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');

/** ES modules alone: they pass through the transform. */
const viaJest = /^(@jest\/globals|jose)(\/|$)/;
const isPackage = (name) => /^[@\w]/.test(name) && !name.startsWith('node:');

/** Of this worker: the modules loaded so far, where their source maps are, and the suite that is being run. */
const modules = new Map();
const sourceMaps = new Map();
let current;

/**
 * jest-circus makes a storage for each suite and never disables it, and every promise of a worker is entered in every
 * storage that was ever used: after a hundred suites that took a tenth of the CPU. One serves all, one after another.
 */
const contexts = new asyncHooks.AsyncLocalStorage();
const sharedStorage = {
  ...asyncHooks,
  AsyncLocalStorage: class {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: each of them is the same.
      return contexts;
    }
  },
};

/**
 * What is loaded once a worker and not once a suite: packages and jest's own libraries, which come from Node itself, and
 * every module of goldbot and of its tests but the suite's own file. So their code is compiled and optimised once, too.
 * Modules keep no state that a test could see (test/project-rules.test.ts).
 */
module.exports = class SharedModules extends Runtime {
  constructor(...args) {
    super(...args);
    const [config, globalConfig] = [args[0], args.at(-1)];
    current = this;
    // jest looks up lines of stack traces in this very map, while it grows.
    this.transformCache.sourceMaps = sourceMaps;
    // What is watched or measured changes between suites.
    const { watch, watchAll, collectCoverage } = globalConfig;
    this.shares = config.testEnvironmentOptions.sharesModules && !watch && !watchAll && !collectCoverage;
    if (this.shares) for (const [path, module] of modules) this.registries.moduleRegistry.set(path, module);
  }

  requireModuleOrMock(from, name) {
    const isNative = isPackage(name) && !viaJest.test(name) && !from.includes(`${sep}node_modules${sep}`);
    if (isNative) return createRequire(from)(name);
    // A module that was loaded for another suite and asks for something only now.
    return this === current ? super.requireModuleOrMock(from, name) : current.requireModuleOrMock(from, name);
  }

  requireInternalModule(from, name) {
    if (this.shares && name === 'node:async_hooks') return sharedStorage;
    return name && this.shares && isPackage(name) ? createRequire(from)(name) : super.requireInternalModule(from, name);
  }

  teardown() {
    if (this.shares) this.keep();
    super.teardown();
  }

  keep() {
    for (const [path, module] of this.registries.moduleRegistry) {
      if (module.loaded && !path.endsWith('.test.ts')) modules.set(path, module);
    }
  }
};
