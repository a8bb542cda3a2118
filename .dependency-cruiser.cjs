// The import table of docs/architecture.md, as rules. A folder that is not named may be imported by nobody of the product.
const table = {
  core: [],
  store: ['^core/'],
  services: ['^core/'],
  cards: ['^core/'],
  workflows: ['^core/', '^store/'],
  dialogs: ['^core/', '^cards/', '^store/reads\\.ts$', '^workflows/start\\.ts$'],
  bot: ['^core/', '^store/', '^cards/', '^dialogs/'],
  app: ['^core/', '^store/', '^services/', '^cards/', '^workflows/', '^dialogs/', '^bot/'],
  sandbox: [],
};
const folders = [...Object.keys(table), 'test', 'bench', 'tools'].join('|');

module.exports = {
  forbidden: [
    ...Object.entries(table).map(([layer, allowed]) => ({
      name: `${layer}-imports`,
      comment: `${layer} may import ${allowed.join(', ') || 'nothing'} of the product`,
      severity: 'error',
      from: { path: `^${layer}/` },
      to: { path: `^(${folders})/`, pathNot: [`^${layer}/`, ...allowed] },
    })),
    {
      name: 'azure-sdk-only-in-services',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^services/' },
      to: { path: 'node_modules/@azure/' },
    },
    {
      name: 'teams-sdk-only-in-bot',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: '^bot/' },
      to: { path: 'node_modules/(botbuilder|botframework|restify)' },
    },
    {
      name: 'core-needs-little',
      comment: 'core may use zod, yaml and what Node brings for hashing; no I/O',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', 'node_modules/(zod|yaml)/', '^(node:)?crypto$'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|docs|\\.goldbot)' },
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], conditionNames: ['require', 'node', 'default'] },
  },
};
