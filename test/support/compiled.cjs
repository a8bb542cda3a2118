const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Runs a program of test/support/programs.ts, whose file is ASCII, from what V8 has compiled of it before: compiling is
 * half of the CPU that its start takes. The first process to run the program keeps that for the others.
 */
exports.launch = (file, program, module, require) => {
  const compiled = `${file}.${program}.compiled`;
  const script = new Script(wrap(readFileSync(file, 'latin1')), {
    filename: file,
    cachedData: existsSync(compiled) ? readFileSync(compiled) : undefined,
  });
  script.runInThisContext().call(module.exports, module.exports, require, module, file, dirname(file));
  const loaded = module.exports.programs[program]();
  if (script.cachedDataRejected === false) return;
  // What the modules of this program need is compiled once they are loaded.
  loaded.finally(() => {
    const fresh = `${compiled}-${process.pid}`;
    writeFileSync(fresh, script.createCachedData());
    renameSync(fresh, compiled);
  });
};
