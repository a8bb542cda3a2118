import type { PreflightRead } from '../../core/preflight';

/** Azure as it is when nothing stands in the way of a build. */
export const roomForAll: PreflightRead = {
  coreUsages: async () => [
    { name: 'cores', used: 8, limit: 100 },
    { name: 'standardDSv5Family', used: 8, limit: 100 },
  ],
  containerUsages: async () => [{ name: 'StandardCores', used: 0, limit: 100 }],
  machineSizes: async (_subscription, _location, names) =>
    names.map((name) => ({ name, family: 'standardDSv5Family', cores: 2 })),
};
