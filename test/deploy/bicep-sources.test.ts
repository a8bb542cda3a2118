import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { bicepSources, deployFolder } from '../../tools/bicep/project';

/** The sources read without the compiler: what stands here holds on every machine. */
let parser: Parser;
beforeAll(async () => {
  await Parser.init();
  const grammar = await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'));
  parser = new Parser().setLanguage(grammar);
});

/** The grammar knows templates alone; a parameter file is one of variables, without its first word. */
const asTemplate = (text: string) => text.replace(/^using .*$/m, '').replace(/^param (?=\w+ =)/gm, 'var ');

function parsed(text: string): Node {
  const tree = parser.parse(text);
  if (!tree) throw new Error('not parsed');
  return tree.rootNode;
}

/** Newer than the grammar: members of another object, and variables with a type. */
const newer = /^(?:\.\.\.|\w+\[\])/;

function mistakes(node: Node): readonly string[] {
  if (!node.hasError && !node.isMissing) return [];
  if (node.isError || node.isMissing)
    return newer.test(node.text) ? [] : [`${node.startPosition.row + 1}: ${node.text}`];
  return node.children.flatMap(mistakes);
}

/** Declarations of a kind with the decorators that stand before each. */
function declared(
  root: Node,
  kind: 'parameter' | 'output',
): readonly { name: string; decorators: string; text: string }[] {
  return root.namedChildren.flatMap((node, n) => {
    if (node.type !== `${kind}_declaration`) return [];
    const before = root.namedChildren[n - 1];
    const decorators = before?.type === 'decorators' ? before.text : '';
    return [{ name: node.namedChildren[0]?.text ?? '', decorators, text: node.text }];
  });
}

type Rule = (root: Node) => readonly string[];

const undescribed: Rule = (root) => [
  ...declared(root, 'parameter')
    .filter(({ decorators }) => !decorators.includes('@description('))
    .map(({ name }) => `${name} is not described`),
  ...(root.namedChildren[0]?.text.startsWith('metadata description = ') ? [] : ['the file is not described']),
];

const secretName = /password|secret|token|connectionstring|(?:access|shared|account)key/i;

const openSecrets: Rule = (root) => {
  const parameters = declared(root, 'parameter');
  const secure = parameters.filter(({ decorators }) => decorators.includes('@secure()')).map(({ name }) => name);
  const open = parameters.filter(({ name }) => secretName.test(name) && !secure.includes(name));
  const told = declared(root, 'output').filter(
    ({ text }) => /\blist\w+\(/.test(text) || secure.some((name) => new RegExp(`\\b${name}\\b`).test(text)),
  );
  return [...open.map(({ name }) => `${name} is not @secure`), ...told.map(({ name }) => `${name} tells a secret`)];
};

/** Whoever deploys twice must get the same names. */
const changing: Rule = (root) => root.text.match(/\b(?:utcNow|newGuid)\(\)/g) ?? [];

const files = bicepSources();
const templates = files.filter((file) => file.endsWith('.bicep'));
const short = (file: string) => relative(deployFolder, file);

it('every file can be read', () => {
  const told = files.flatMap((file) =>
    mistakes(parsed(asTemplate(readFileSync(file, 'utf8')))).map((mistake) => `${short(file)}:${mistake}`),
  );
  expect(told).toEqual([]);
});

const rules = { undescribed, openSecrets, changing };

it.each(Object.entries(rules))('%s: nothing', (_name, rule) => {
  const told = templates.flatMap((file) =>
    rule(parsed(readFileSync(file, 'utf8'))).map((one) => `${short(file)}: ${one}`),
  );
  expect(told).toEqual([]);
});

describe('would be told:', () => {
  it.each([
    ['undescribed', "metadata description = 'a'\nparam a string", 'a is not described'],
    ['undescribed', "@description('a')\nparam a string", 'the file is not described'],
    ['openSecrets', 'param adminPassword string', 'adminPassword is not @secure'],
    ['openSecrets', '@secure()\nparam word string\noutput a string = word', 'a tells a secret'],
    ['openSecrets', 'output a string = registry.listCredentials().username', 'a tells a secret'],
    ['changing', 'param a string = newGuid()', 'newGuid()'],
  ] as const)('%s in %j', (rule, text, told) => {
    expect(rules[rule](parsed(text))).toContain(told);
  });

  it('what cannot be read', () => {
    expect(mistakes(parsed("resource a 'Microsoft.Compute/galleries@2024-03-03' = {\n  name: 'a'\n"))).not.toEqual([]);
    expect(mistakes(parsed('param a string = = 1'))).not.toEqual([]);
  });
});
