/**
 * Room for young objects, in MB. Nearly all that tests make is young, and the usual 16 MB are collected so often that it
 * takes a tenth of their CPU.
 */
const flag = '--max-semi-space-size=64';

const options = () => (process.env.NODE_OPTIONS ?? '').split(' ').filter((one) => one !== '' && one !== flag);

/** For the workers that this process starts. */
exports.giveRoom = () => {
  process.env.NODE_OPTIONS = [...options(), flag].join(' ');
};

/** What a test starts has no more room than in production. */
exports.keepRoom = () => {
  const others = options().join(' ');
  if (others === '') delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = others;
};
