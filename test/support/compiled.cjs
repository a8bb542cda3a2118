const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Runs a program of test/support/bundle.ts, which is ASCII, as if its file was `module`, from what V8 has compiled of it
 * before: compiling is half of the CPU that its start takes. The first process to load it keeps that for the others.
 */
exports.launch = (program, module, require) => {
  const compiled = `${program}.compiled`;
  const script = new Script(wrap(readFileSync(program, 'latin1')), {
    filename: program,
    cachedData: existsSync(compiled) ? readFileSync(compiled) : undefined,
  });
  script.runInThisContext().call(module.exports, module.exports, require, module, program, dirname(program));
  if (script.cachedDataRejected === false) return;
  const fresh = `${compiled}-${process.pid}`;
  writeFileSync(fresh, script.createCachedData());
  renameSync(fresh, compiled);
};
