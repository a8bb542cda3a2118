import type { Front } from './front';
import { clicks } from './plays/clicks';
import { membership } from './plays/people';
import { secrets } from './plays/secrets';
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
    faults: [],
    sizes: { sample: 1, full: 30, attack: 1_000 },
    play: tokens,
  },
  {
    name: 'service-urls',
    row: '2',
    tried: 'validly signed activities whose answer, and goldbot’s token, would go to a hostile address',
    countsAsIn: 'a status that lets it in, or a request that leaves goldbot',
    guards: ['bot/front-door.ts'],
    faults: [],
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
      'dialogs/conversation/router.ts',
      'dialogs/conversation/rights.ts',
      'dialogs/conversation/grammar.ts',
    ],
    faults: [],
    sizes: { sample: 0, full: 150, attack: 3_000 },
    play: clicks,
  },
  {
    name: 'membership',
    row: '5',
    tried:
      'approvers who press after they were removed from their group, or while Microsoft Graph fails, refuses, breaks off or is late',
    countsAsIn: 'a decision, or a click that the audit does not tell of',
    guards: ['workflows/start/decide.ts', 'services/graph/index.ts'],
    faults: [],
    sizes: { sample: 0, full: 18, attack: 450 },
    play: membership,
  },
  {
    name: 'secrets',
    row: '8',
    tried:
      'faults of Azure whose words hold secrets made up for each: tokens, signed addresses, keys, connection strings, passwords',
    countsAsIn: 'one of them in the log, the audit, any table, a message, a card, a metric or a trace',
    guards: ['core/log.ts', 'services/azure/errors.ts'],
    faults: [],
    sizes: { sample: 0, full: 60, attack: 1_000 },
    play: secrets,
  },
];
