import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';

/** As much of Microsoft's parser as is used here; its own declarations are two megabytes. */
interface Element {
  readonly Kind: number;
  readonly IsMissing: boolean;
  readonly ChildCount: number;
  GetChild(at: number): Element | null;
}

interface Token {
  readonly Kind: number;
  readonly Text: string;
  /** Spaces and comments before the token. */
  readonly Trivia: string;
}

interface Diagnostic {
  readonly Code: string;
  readonly Message: string;
  readonly Start: number;
}

interface List<Item> {
  readonly Count: number;
  getItem(at: number): Item;
}

interface Code {
  readonly Syntax: Element;
  readonly ResultType: { readonly Columns: List<{ readonly Name: string; readonly Type: { readonly Name: string } }> };
  GetDiagnostics(): List<Diagnostic>;
}

interface Language {
  readonly KustoCode: { Parse(text: string): Code; ParseAndAnalyze(text: string, globals: object): Code };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoFacts: { GetStringLiteralValue(literal: string): string };
  readonly Parsing: { readonly TokenParser: { ParseTokens(text: string): readonly Token[] } };
  readonly Symbols: {
    readonly ColumnSymbol: { readonly ctor: new (name: string, type: object) => object };
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: readonly object[]) => object };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: readonly object[]) => object };
    readonly ScalarTypes: Readonly<Record<ScalarType, object>>;
  };
  readonly Syntax: { readonly SyntaxKind: { readonly StringLiteralToken: number } };
}

type ScalarType = 'String' | 'Dynamic' | 'DateTime' | 'Real' | 'Long' | 'Bool';

const files = ['bridge.min.js', 'Kusto.Language.Bridge.min.js'];

/** Columns that every table of Resource Graph has, with their types. */
export const columns = {
  id: 'String',
  name: 'String',
  type: 'String',
  tenantId: 'String',
  kind: 'String',
  location: 'String',
  resourceGroup: 'String',
  subscriptionId: 'String',
  managedBy: 'String',
  sku: 'Dynamic',
  plan: 'Dynamic',
  properties: 'Dynamic',
  tags: 'Dynamic',
  identity: 'Dynamic',
  zones: 'Dynamic',
  extendedLocation: 'Dynamic',
} as const;

const tables = [
  'resources',
  'resourcecontainers',
  'policyresources',
  'guestconfigurationresources',
  'computeresources',
  'authorizationresources',
  'insightsresources',
];

/** The package cannot be required: both its scripts expect to be loaded one after the other into one global. */
function load(): Language {
  const folder = join(__dirname, '../../../node_modules/@kusto/language-service-next');
  // It lives in the process, which jest shares among test files: once is enough, and twice is refused.
  for (const file of runInThisContext("typeof Kusto === 'undefined'") ? files : []) {
    runInThisContext(readFileSync(join(folder, file), 'utf8'), { filename: file });
  }
  return (runInThisContext('Kusto') as { Language: Language }).Language;
}

let loaded: { readonly language: Language; readonly globals: object } | undefined;

function kusto() {
  loaded ??= prepare(load());
  return loaded;
}

function prepare(language: Language) {
  const { ColumnSymbol, TableSymbol, DatabaseSymbol, ScalarTypes } = language.Symbols;
  const schema = Object.entries(columns).map(([name, type]) => new ColumnSymbol.ctor(name, ScalarTypes[type]));
  const symbols = tables.map((name) => new TableSymbol.$ctor4(name, schema));
  return { language, globals: language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor('graph', symbols)) };
}

/** A query with Resource Graph's tables before Microsoft's eyes: what there is to say against it, and what it results in. */
export interface Analysed {
  readonly diagnostics: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export function analysed(query: string): Analysed {
  const { language, globals } = kusto();
  const code = language.KustoCode.ParseAndAnalyze(query, globals);
  const columns = items(code.ResultType.Columns).map(({ Name, Type }) => ({ name: Name, type: Type.Name }));
  return { diagnostics: said(code), columns };
}

/** Tables with their columns. */
export type Schema = Readonly<Record<string, Readonly<Record<string, ScalarType>>>>;

/** What there is to say against a query on tables of one's own, and what it results in. */
export function analysedIn(schema: Schema, query: string): Analysed {
  const { language } = kusto();
  const { ColumnSymbol, TableSymbol, DatabaseSymbol, ScalarTypes } = language.Symbols;
  const symbols = Object.entries(schema).map(([table, of]) => {
    const columns = Object.entries(of).map(([name, type]) => new ColumnSymbol.ctor(name, ScalarTypes[type]));
    return new TableSymbol.$ctor4(table, columns);
  });
  const globals = language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor('logs', symbols));
  const code = language.KustoCode.ParseAndAnalyze(query, globals);
  const columns = items(code.ResultType.Columns).map(({ Name, Type }) => ({ name: Name, type: Type.Name }));
  return { diagnostics: said(code), columns };
}

/** The tokens of a query: all that the grammar, which makes the tree, ever sees. */
export interface Lexed {
  /**
   * The kind and the text of every token and what stands between tokens (comments would stand there). String literals
   * are holes, without their text.
   */
  readonly shape: string;
  /** What the string literals mean, in the order of the query. */
  readonly strings: readonly string[];
}

export function lexed(query: string): Lexed {
  const { Parsing, KustoFacts, Syntax } = kusto().language;
  const strings: string[] = [];
  let shape = '';
  for (const { Kind, Text, Trivia } of Parsing.TokenParser.ParseTokens(query)) {
    const hole = Kind === Syntax.SyntaxKind.StringLiteralToken;
    if (hole) strings.push(KustoFacts.GetStringLiteralValue(Text));
    shape += `${Kind}${Trivia}${hole ? '?' : Text} `;
  }
  return { shape, strings };
}

/** The tree that the grammar makes: the kind of every node and what is missing. Nothing is bound to tables. */
export interface Parsed {
  readonly diagnostics: readonly string[];
  readonly tree: string;
}

export function parsed(query: string): Parsed {
  const code = kusto().language.KustoCode.Parse(query);
  const parts: (string | number)[] = [];
  const walk = (element: Element): void => {
    parts.push(element.Kind, element.IsMissing ? '!' : '(');
    for (let n = 0; n < element.ChildCount; n += 1) {
      const child = element.GetChild(n);
      if (child) walk(child);
    }
    parts.push(')');
  };
  walk(code.Syntax);
  return { diagnostics: said(code), tree: parts.join(' ') };
}

const said = (code: Code): string[] =>
  items(code.GetDiagnostics()).map(({ Code: name, Message, Start }) => `${name} at ${Start}: ${Message}`);

function items<Item>(list: List<Item>): Item[] {
  return Array.from({ length: list.Count }, (_, n) => list.getItem(n));
}
