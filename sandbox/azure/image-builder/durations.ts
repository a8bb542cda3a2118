const second = 1_000;
const minute = 60 * second;

/**
 * How long Image Builder takes, in milliseconds of world time. A whole Linux build is about 20 minutes: 10 seconds for
 * somebody watching at the default speed.
 */
export const durations = {
  /** From the PUT until the template is provisioned; the recorded ones took 10–40 s. */
  provision: 25 * second,
  delete: 30 * second,
  /** Between two looks of a trigger at its source; how often Azure looks is not documented. */
  triggerCheck: 6 * 60 * minute,
  /** From the start of a run until its build VM is being deployed. */
  queued: 45 * second,
  /** The build VM, its network and the connection to it. */
  building: 5 * minute,
  /** Any customizer, before what its commands take. */
  customizer: 20 * second,
  /** What a command of a script takes, and each line it prints. */
  outputLine: 700,
  /** `apt-get update` and its like wait for servers. */
  packageCommand: 40 * second,
  windowsUpdate: 12 * minute,
  searchUpdates: minute,
  /** What a restart takes longer when updates wait for it. */
  updatesAtRestart: 3 * minute,
  restart: 2 * minute,
  /** The hidden last customizer. */
  deprovision: 15 * second,
  optimizing: 3 * minute,
  /** A VM from the new image, before any validator. */
  validating: 2 * minute,
  validator: 15 * second,
  /** Used when the gallery does not say when its version will be ready. */
  distribute: 5 * minute,
  /** From the cancellation until the run is Canceled. */
  cancel: minute,
  /** `buildTimeoutInMinutes` 0 or absent. */
  defaultTimeout: 240 * minute,
} as const;
