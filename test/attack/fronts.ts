import type { Front } from './front';
import { clicks } from './plays/clicks';
import { cards, odata, shells, sql } from './plays/names';
import { membership } from './plays/people';
import { programTokens } from './plays/programs';
import { receivers } from './plays/receivers';
import { record } from './plays/record';
import { secrets } from './plays/secrets';
import { shapes } from './plays/shapes';
import { serviceUrls, tokens } from './plays/tokens';

/**
 * Every front on which goldbot is attacked: `npm run attack` plays them, test/attack/attack.test.ts a sample, and the
 * tables of docs/security.md are written from here.
 */
export const fronts: readonly Front[] = [
  {
    name: 'tokens',
    row: '1, 3',
    tried:
      'forged tokens and activities at the door of Teams: issuer, audience, algorithm, key, time, service URL, tenant, channel',
    countsAsIn: 'another status than 401 or 403, or a word that reaches a dialog',
    guards: ['bot/front-door.ts'],
    faults: [
      'a token of another issuer is let in',
      'a token without end is let in',
      'a key that signs for another channel signs for Teams',
      'a token for one service URL lets in an activity with another',
      'another tenant is served',
    ],
    sizes: { sample: 1, full: 30, attack: 1_000 },
    play: tokens,
  },
  {
    name: 'service-urls',
    row: '2',
    tried: 'validly signed activities whose answer, and goldbot’s token, would go to a hostile address',
    countsAsIn: 'a status that lets it in, or a request that leaves goldbot',
    guards: ['bot/front-door.ts'],
    faults: ['goldbot’s token goes to a host whose name ends as Teams’ does'],
    sizes: { sample: 0, full: 200, attack: 200 },
    play: serviceUrls,
  },
  {
    name: 'clicks',
    row: '4, 5',
    tried:
      'clicks on a request that waits, in a whole goldbot: by the requester under other names and spellings, by others, edited, moved, of other cards, dialogs and the message box, replayed',
    countsAsIn:
      'anything that is decided, started or set; a write to Azure; a click that the audit does not tell of; a mistake of goldbot’s own',
    guards: [
      'workflows/start/decide.ts',
      'dialogs/conversation/act.ts',
      'dialogs/conversation/rights.ts',
      'dialogs/conversation/grammar.ts',
    ],
    faults: [
      'whoever asked for a publish approves it',
      'a click on the card of another plan counts',
      'a forged click leaves no trace: what it carries cannot be written down',
      'a forged click leaves no trace: the command itself refuses it',
      'a click with more than its card has is taken',
    ],
    sizes: { sample: 0, full: 150, attack: 3_000 },
    play: clicks,
  },
  {
    name: 'shapes',
    row: 'new',
    tried:
      'activities that Teams signed, of every kind that it has, with something else in the place of any part: nothing, other types, texts of 3,000 letters, ids of other places',
    countsAsIn:
      'a mistake of goldbot’s own, anything that is decided, started or set, a question that is not answered afterwards',
    guards: ['bot/front-door.ts'],
    faults: [
      'a change in a team that names nobody breaks goldbot',
      'a team without an id is looked for in the database',
    ],
    sizes: { sample: 0, full: 400, attack: 5_000 },
    play: shapes,
  },
  {
    name: 'membership',
    row: '5',
    tried:
      'approvers who press after they were removed from their group, or while Microsoft Graph fails, refuses, breaks off or is late',
    countsAsIn: 'a decision, or a click that the audit does not tell of',
    guards: ['workflows/start/decide.ts', 'services/graph/index.ts'],
    faults: ['anybody approves who is in no group', 'a next page of Microsoft Graph takes goldbot’s token elsewhere'],
    sizes: { sample: 0, full: 18, attack: 270 },
    play: membership,
  },
  {
    name: 'secrets',
    row: '8',
    tried:
      'faults of Azure whose words hold secrets made up for each: tokens, signed addresses, keys, connection strings, passwords',
    countsAsIn: 'one of them in the log, the audit, any table, a message, a card, a metric or a trace',
    guards: ['core/log.ts', 'services/azure/errors.ts'],
    faults: ['tokens stand in the log', 'keys in Azure’s words stand on cards and in the database'],
    sizes: { sample: 0, full: 60, attack: 1_000 },
    play: secrets,
  },
  {
    name: 'tenants',
    row: '3',
    tried: 'people of another tenant, guests, activities of no tenant, who say, press and are added',
    countsAsIn: 'a word to them or about them, more than one entry of the audit an hour',
    guards: ['bot/front-door.ts', 'dialogs/conversation/act.ts'],
    faults: ['another tenant is served', 'somebody of another tenant is answered'],
    suites: [
      { file: 'test/bot/strangers.test.ts' },
      { file: 'test/bot/places.test.ts', only: 'takes nothing from a guest' },
      { file: 'test/dialogs/router.test.ts', only: 'tenant' },
      { file: 'test/dialogs/rights.test.ts', only: 'another tenant' },
    ],
  },
  {
    name: 'production',
    row: '1',
    tried: 'starts of `npm run serve` without an app id, without tenants, with broken settings',
    countsAsIn: 'a start',
    guards: ['bot/front-door.ts', 'app/settings.ts'],
    faults: [
      'goldbot starts without tenants and serves nobody, or everybody',
      'goldbot starts without an app id, and asks nobody for a token',
    ],
    suites: [{ file: 'test/app/serve.test.ts', only: 'does not start|wants the secret' }],
  },
  {
    name: 'kql',
    row: '6',
    tried:
      'hostile names in every query of Resource Graph, read by Microsoft’s own parser before and after (10,000 names in all)',
    countsAsIn: 'another token or another tree than with an ordinary name; a text that is not what went in',
    guards: ['services/resource-graph/kql.ts'],
    faults: ['a quote in a name ends a literal of KQL'],
    suites: [{ file: 'test/conformance/kusto.test.ts' }],
  },
  {
    name: 'grammar',
    row: 'new',
    tried: 'any text as a message, any data as a click (10,000 of each), and sentences in plain words',
    countsAsIn: 'a mistake of goldbot’s own, a call read back as another one, a write that the grammar does not read',
    guards: ['dialogs/conversation/grammar.ts', 'dialogs/plain/understand.ts'],
    faults: ['a click with more than its card has is taken', 'a sentence in plain words is done as a write'],
    suites: [
      { file: 'test/dialogs/grammar-fuzz.test.ts' },
      { file: 'test/dialogs/plain/plain.test.ts', only: 'never mean a write|change nothing|never executed' },
    ],
  },
  {
    name: 'markup',
    row: '7',
    tried:
      'every card of the gallery, most with a hostile case: mentions, links, `javascript:`, markdown, template expressions, direction overrides',
    countsAsIn:
      'a mention, a link, bold, a placeholder that Teams or a template would evaluate; a card of another structure',
    guards: ['cards/render.ts'],
    faults: ['a name mentions somebody on a card'],
    suites: [
      { file: 'test/cards/cards.test.ts', only: 'mentions nobody|keeps the structure' },
      { file: 'test/cards/render.test.ts' },
      { file: 'test/bot/words.test.ts' },
    ],
  },
  {
    name: 'bodies',
    row: '9',
    tried:
      'bodies that are too large, too deep, endless, slow, compressed or broken off; slow headers; floods of bad tokens',
    countsAsIn: 'another answer than 4xx, a connection that stays open, a good message that is kept out',
    guards: ['bot/server.ts', 'bot/front-door.ts'],
    faults: [
      'bodies without end fill the memory',
      'a body that is nested a million times stops the process',
      'NUL in an id breaks goldbot and leaves no trace',
    ],
    suites: [
      { file: 'test/bot/front-door.test.ts', only: 'bodies|before the body|NUL' },
      { file: 'test/bot/slow-callers.test.ts' },
      { file: 'test/bot/floods.test.ts' },
      { file: 'test/bot/fair.test.ts' },
    ],
  },
  {
    name: 'roles',
    row: '10',
    tried:
      'every request to Azure of the test worlds held against the roles of docs/roles.md, and runs in which one action is missing; people’s roles, also for some images alone',
    countsAsIn: 'a request that no role allows, an action that is never needed, a change that is made in part',
    guards: ['core/azure-roles/roles.ts'],
    faults: ['a role that is meant for trials gives anybody any right'],
    suites: [
      { file: 'test/deploy/roles.test.ts' },
      { file: 'test/deploy/least-privilege.test.ts' },
      { file: 'test/dialogs/rights.test.ts' },
      { file: 'test/dialogs/router.test.ts', only: 'role' },
    ],
  },
  {
    name: 'audit',
    row: '11',
    tried:
      'entries edited, deleted, cut off, renumbered, wiped, and the chain computed anew, by somebody who may write to the whole database',
    countsAsIn: 'a record that passes for intact although a checkpoint or its copy from outside is there',
    guards: ['store/chain.ts', 'store/checkpoints.ts'],
    faults: ['an edited entry of the audit passes', 'a checkpoint that somebody changed to fit passes'],
    sizes: { sample: 0, full: 45, attack: 900 },
    play: record,
    suites: [{ file: 'test/store/audit.test.ts' }, { file: 'test/store/audit-checkpoints.test.ts' }],
  },
  {
    name: 'programs',
    row: 'new',
    tried:
      'tokens of Entra that are wrong in one way, and applications that decide, override or act for a person, at `POST /api/ask`',
    countsAsIn: 'an answer to a wrong token; a change that people do not then decide about',
    guards: ['bot/programs.ts', 'dialogs/conversation/rights.ts'],
    faults: [
      'a person’s token lets a program in',
      'any application of the tenant is let in',
      'a program does what is for people',
    ],
    sizes: { sample: 22, full: 500, attack: 11_000 },
    play: programTokens,
    suites: [{ file: 'test/bot/programs.test.ts' }, { file: 'test/dialogs/programs.test.ts' }],
  },
  {
    name: 'webhooks',
    row: 'new',
    tried:
      'receivers inside a network: private and special addresses, names that resolve to them, redirects, answers without end',
    countsAsIn: 'a connection to an address that is not public, an event that is not signed',
    guards: ['core/webhooks/address.ts', 'services/webhooks/index.ts'],
    faults: ['a webhook reaches into a network by its address', 'a webhook reaches into a network by a name'],
    sizes: { sample: 60, full: 1_000, attack: 10_000 },
    play: receivers,
    suites: [{ file: 'test/core/webhooks.test.ts' }, { file: 'test/workflows/webhooks.test.ts' }],
  },
  {
    name: 'beside',
    row: 'new',
    tried:
      'search beside the message box, cards that are shared, links that unfurl, letters typed into dialogs, cards of one’s own',
    countsAsIn: 'something that the person may not see, or that is done by looking',
    guards: ['bot/extension.ts', 'dialogs/find/find.ts', 'dialogs/conversation/act.ts'],
    faults: ['somebody finds machines of other teams beside the message box'],
    suites: [
      { file: 'test/bot/extension.test.ts' },
      { file: 'test/dialogs/find.test.ts' },
      { file: 'test/dialogs/in-dialogs.test.ts' },
      { file: 'test/dialogs/own-cards.test.ts' },
      { file: 'test/bot/targeted.test.ts' },
    ],
  },
  {
    name: 'names',
    row: 'new',
    tried:
      'squatted and renamed channels, mentions of somebody else, names that pose as people, object ids by spelling',
    countsAsIn: 'a card in another channel, a decision passed to somebody else, two people for one id',
    guards: ['bot/places.ts', 'bot/people.ts', 'core/access/people.ts'],
    faults: ['an object id in capitals is another person'],
    suites: [
      { file: 'test/bot/destinations.test.ts' },
      { file: 'test/dialogs/delegate.test.ts' },
      { file: 'test/bot/mentioner.test.ts' },
      { file: 'test/store/object-ids.test.ts' },
    ],
  },
  {
    name: 'odata',
    row: '6',
    tried: 'hostile names in the filters of Microsoft Graph and of ARM',
    countsAsIn: 'a second filter or parameter, another comparison, a literal that is not the name',
    guards: ['services/graph/index.ts', 'services/access/index.ts'],
    faults: ['a quote in a name ends a literal of Microsoft Graph', 'a quote in a name ends a literal of ARM'],
    sizes: { sample: 60, full: 2_000, attack: 10_000 },
    play: odata,
  },
  {
    name: 'sql',
    row: 'new',
    tried: 'hostile names in twenty questions of goldbot’s books each',
    countsAsIn: 'a statement that an ordinary name does not make, or a row that is found',
    guards: ['store/reads/reads.ts'],
    faults: ['a quote in a name ends a literal of SQL'],
    sizes: { sample: 3, full: 300, attack: 10_000 },
    play: sql,
  },
  {
    name: 'cards',
    row: '7',
    tried:
      'hostile names wherever somebody’s text stands in three cards, with Teams’ markdown and more of it, templates and mentions',
    countsAsIn:
      'anything that a reader of markdown takes for more than words, a placeholder or mention that is left, another number of elements',
    guards: ['cards/render.ts'],
    faults: ['a name is a link on a card', 'a name mentions somebody on a card', 'a name is evaluated by Teams'],
    sizes: { sample: 60, full: 2_000, attack: 10_000 },
    play: cards,
  },
  {
    name: 'shells',
    row: 'new',
    tried: 'hostile names in scripts that goldbot writes, read by the shell itself and by PowerShell’s rules',
    countsAsIn: 'a word that the shell does not read as the name',
    guards: ['core/images/guest-tattoo.ts'],
    faults: ['a name runs as a command inside an image that is built'],
    sizes: { sample: 60, full: 2_000, attack: 10_000 },
    play: shells,
  },
];
