import {
  readVulnerabilities,
  type VulnerabilityList,
  vulnerabilityFormat,
  vulnerabilityList,
  vulnerabilitySchema,
} from '../contents';
import { type CatalogueFile, judge, type Problem, readYaml } from './file';

/** A file of which nothing is right would have a mistake in every record. */
const mostProblems = 20;

/** A reader that knows lines takes a second for as much; larger files are told of by their records. */
const largestWithLines = 2_000_000;

const isVulnerabilityFile = ({ path }: CatalogueFile): boolean => /^vulnerabilities\/[^/]+\.json$/.test(path);

/** What `vulnerabilities/*.json` say together; undefined without any, and when one of them has mistakes. */
export function readVulnerabilityList(
  files: readonly CatalogueFile[],
  problems: Problem[],
): VulnerabilityList | undefined {
  const read = files.filter(isVulnerabilityFile).map((file) => readFile(file, problems));
  const right = read.filter((one) => one !== undefined);
  if (read.length === 0 || right.length < read.length) return undefined;
  return vulnerabilityList(
    right.flatMap(({ claims }) => claims),
    right.flatMap(({ days }) => days),
  );
}

function readFile(file: CatalogueFile, problems: Problem[]) {
  const content = parsed(file, problems);
  if (content === undefined) return undefined;
  const kind = vulnerabilityFormat(content);
  if (kind === undefined) {
    const message = 'is neither OSV, OpenVEX nor CycloneDX with vulnerabilities';
    problems.push({ file: file.path, line: 1, message });
    return undefined;
  }
  const found = readVulnerabilities(kind, content);
  if (!found) problems.push(...mistakes(file, { kind, content }).slice(0, mostProblems));
  return found;
}

function parsed(file: CatalogueFile, problems: Problem[]): unknown {
  const { path, text } = file;
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const { message } = error as SyntaxError;
    problems.push({ file: path, line: lineOfMistake(file, message), message: `is not valid JSON: ${message}` });
    return undefined;
  }
}

/** Node tells the place of some mistakes; of the others the reader that knows lines does. */
function lineOfMistake(file: CatalogueFile, message: string): number {
  const [, at] = /position (\d+)/.exec(message) ?? [];
  if (at !== undefined) return file.text.slice(0, Number(at)).split('\n').length;
  const found: Problem[] = [];
  if (file.text.length <= largestWithLines) readYaml(file, found);
  return found[0]?.line ?? file.text.trimEnd().split('\n').length;
}

interface Wrong {
  readonly kind: Parameters<typeof vulnerabilitySchema>[0];
  readonly content: unknown;
}

/** Read once more, for the lines. */
function mistakes(file: CatalogueFile, { kind, content }: Wrong): readonly Problem[] {
  const found: Problem[] = [];
  const schema = vulnerabilitySchema(kind);
  const withLines = file.text.length <= largestWithLines ? readYaml(file, []) : undefined;
  judge(withLines ?? { value: content, source: { file: file.path, lineOf: () => 1 } }, schema, found);
  return found;
}
