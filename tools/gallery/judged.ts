/**
 * What eyes said of each kind of card in `docs/gallery/seen`, on 1 December 2026: one headline that is the answer, the
 * figures that matter, at most two accents, what to do next, at most one line of footer; in light, dark and on a phone of
 * 320 pixels. Of ten; below nine with the reason. Whoever changes a card looks again and corrects this.
 */
export const judged: Readonly<Record<string, readonly [score: number, why?: string]>> = {
  plan: [8, 'thirteen facts before the only warning; on a phone the button is two screens down'],
  run: [9],
  approval: [8, '“Changed” is a sentence where a figure belongs; on a phone the buttons stand below the first screen'],
  'approval-decided': [
    7,
    'on a phone a name shares its line with the date; repeats all facts of the request; who decided stands at the end',
  ],
  outcome: [9],
  images: [9],
  versions: [9],
  cost: [9],
  costs: [9],
  parity: [8, 'only the answer without a second gallery was met in the conversation'],
  drift: [9],
  access: [8, 'goldbot’s own right stands twice; a role and its scope wrap into half of a phone'],
  version: [9],
  contents: [8, 'nothing to search in it'],
  diff: [8, 'where nothing is known inside, its facts are those of the plan'],
  tattoo: [9],
  verify: [9],
  runs: [9],
  leftovers: [8, 'met where nothing is left alone; of its table a phone makes four lines a row, in a fixture'],
  schedules: [6, 'no button sets a schedule; empty columns where there is none'],
  log: [6, 'each line of Image Builder begins with the same id, so that a phone shows nothing but that'],
  approvals: [8, 'each request has to be opened to be decided'],
  audit: [8, 'stages that goldbot moved crowd out what people did; long on a phone'],
  whoami: [7, 'ids first; thirty-six commands in one cell, which help says better'],
  help: [9],
  'help-verb': [6, 'begins with a usage line; options are names of the grammar'],
  form: [8, 'an end of life is typed; on a phone eight fields before the button'],
  choice: [9],
  offer: [8, 'a decision leads to its card, one press more than asking would need'],
  notice: [8, 'sentences of equal weight'],
  error: [8, 'on a phone the headline shares its line with the state'],
  compliance: [8, 'everything at once: four screens on a phone'],
  'compliance-of-teams': [9],
  doctor: [8, 'met where all is well alone; one paragraph for each finding'],
  lineage: [9],
  'who-has': [8, 'its headline is the question'],
  'who-uses': [9],
  machine: [8, 'policies that are all in order are not folded'],
  machines: [9],
  forecast: [9],
  rollout: [8, 'its first fact is a sentence of three clauses'],
  'version-plan': [9],
  restrict: [8, 'four footnotes of equal weight'],
  mention: [8, 'whoever may decide sees their own card, on which the line that called them is not repeated'],
  welcome: [9],
};

/** Kinds that the one conversation does not meet, and why. */
export const notMet: Readonly<Record<string, string>> = {
  requests: 'several months that come due together: the transcript images-that-come-due-together',
  digest: 'not drawn on that day; docs/digest-light.png has it',
  change: 'not drawn on that day; docs/revoke-review-light.png has one',
  'version-glance': 'shown beside the message box, from a link: the transcript found-beside-the-message-box',
  'machine-glance': 'shown beside the message box, from a link: the transcript found-beside-the-message-box',
};
