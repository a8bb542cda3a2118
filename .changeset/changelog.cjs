/** CHANGELOG.md is for those who run goldbot: the words of the changeset, without commit hashes. */
module.exports = {
  getReleaseLine: async ({ summary }) => `\n${summary.trim()}`,
  getDependencyReleaseLine: async () => '',
};
