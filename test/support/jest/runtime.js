const { createRequire } = require('node:module');
const { sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');

/** ES modules alone: they pass through the transform. */
const viaJest = /^(@jest\/globals|jose)(\/|$)/;
const isPackage = (name) => /^[@\w]/.test(name) && !name.startsWith('node:');

/** What goldbot's own files ask of packages comes from Node itself: loaded once a worker, not once a suite. */
module.exports = class NativePackages extends Runtime {
  requireModuleOrMock(from, name) {
    const isNative = isPackage(name) && !viaJest.test(name) && !from.includes(`${sep}node_modules${sep}`);
    return isNative ? createRequire(from)(name) : super.requireModuleOrMock(from, name);
  }
};
