/** What `npm run mutants` changes, which tests have to see it, and how many of a hundred at least. */
module.exports = {
  core: { folders: ['core'], tests: ['core', 'cards', 'dialogs', 'services'], atLeast: 85 },
  workflows: { folders: ['workflows'], tests: ['workflows', 'engine'], atLeast: 85 },
  // The embedded server works in processes of its own, in which no mutant is active.
  store: {
    ...{ folders: ['store'], only: /^store\/(?!embedded\/)/ },
    ...{ tests: ['store', 'engine', 'workflows'], atLeast: 75 },
  },
  present: { folders: ['dialogs/present'], tests: ['dialogs'], atLeast: 75 },
  bot: {
    ...{ folders: ['bot'], only: /\/(delivery|front-door|messages|turns)\.ts$/ },
    ...{ tests: ['bot'], atLeast: 75 },
  },
};
