const { readdirSync } = require('node:fs');
const { join } = require('node:path');

// The import table of docs/architecture.md, as rules. A folder that is not named may be imported by nobody of the product.
const table = {
  core: [],
  store: ['^core/'],
  services: ['^core/'],
  cards: ['^core/'],
  workflows: ['^core/', '^store/'],
  dialogs: ['^core/', '^cards/', '^store/reads/', '^workflows/start/'],
  bot: ['^core/', '^store/', '^cards/', '^dialogs/'],
  app: ['^core/', '^store/', '^services/', '^cards/', '^workflows/', '^dialogs/', '^bot/'],
  sandbox: [],
};
const folders = [...Object.keys(table), 'test', 'bench', 'tools'].join('|');

/** Rooms: whoever stands outside imports the room's index.ts alone. Every folder in one of these houses is a room. */
const houses = ['core', 'store', 'services', 'workflows', 'dialogs'];
const foldersIn = (house) =>
  readdirSync(join(__dirname, house), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const rooms = [
  ...houses.flatMap((house) => foldersIn(house).map(({ name }) => `${house}/${name}`)),
  ...['cards', 'dialogs', 'services', 'bot'],
];

module.exports = {
  forbidden: [
    ...Object.entries(table).map(([layer, allowed]) => ({
      name: `${layer}-imports`,
      comment: `${layer} may import ${allowed.join(', ') || 'nothing'} of the product`,
      severity: 'error',
      from: { path: `^${layer}/` },
      to: { path: `^(${folders})/`, pathNot: [`^${layer}/`, ...allowed] },
    })),
    ...rooms.map((room) => ({
      name: 'rooms-have-one-door',
      comment: `what stands outside of ${room} imports its index.ts`,
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: `^${room}/` },
      to: { path: `^${room}/`, pathNot: '/index\\.ts$|\\.json$' },
    })),
    {
      name: 'rooms-have-one-door',
      comment: 'what stands outside of store imports store/index.ts, or one of its two rooms',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^store/' },
      to: { path: '^store/', pathNot: '^store/((reads|embedded)/)?index\\.ts$' },
    },
    {
      name: 'azure-sdk-only-in-services',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^services/' },
      to: { path: 'node_modules/@azure/' },
    },
    {
      name: 'teams-sdk-in-one-file',
      comment: 'what goldbot needs of botbuilder stands in bot/framework.ts: the day that it has to go costs one file',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^bot/botbuilder\\.ts$' },
      to: { path: 'node_modules/(botbuilder|botframework)' },
    },
    {
      name: 'restify-only-in-bot',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^bot/' },
      to: { path: 'node_modules/restify' },
    },
    {
      name: 'core-needs-little',
      comment:
        'core may use zod, yaml, croner and what Node brings for hashing, unpacking and stopping a pattern; no I/O',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', 'node_modules/(zod|yaml|croner)/', '^(node:)?(crypto|zlib|vm)$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|docs|\\.goldbot)' },
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], conditionNames: ['require', 'node', 'default'] },
  },
};
