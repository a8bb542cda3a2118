import { type Document, isAlias, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { scopeKey } from '../access';
import { nameOfId, regionKey } from '../azure-id';
import { tags as ownTags } from './fields';
import {
  azureSchema,
  type Catalogue,
  type ImageConfig,
  imageSchema,
  rolesSchema,
  type TeamConfig,
  teamsSchema,
} from './schemas';
import { type ReadTemplate, readTemplate } from './template';

/** A file of the catalogue folder; `path` is relative to it, with slashes: `images/ubuntu-22.yaml`. */
export interface CatalogueFile {
  readonly path: string;
  readonly text: string;
}

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export type ParsedCatalogue =
  | { readonly ok: true; readonly catalogue: Catalogue }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Source {
  readonly file: string;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  /** What another file says: where. */
  readonly elsewhere?: (path: readonly PropertyKey[]) => Omit<Problem, 'message'> | undefined;
}

/**
 * Reads the whole catalogue and reports every mistake at once, each with file and line. Pure: app/ reads the files, and
 * asks Entra which of the groups whose members decide are too large for it (`decidingGroups`).
 */
export function parseCatalogue(
  files: readonly CatalogueFile[],
  tooLarge: ReadonlySet<string> = new Set(),
): ParsedCatalogue {
  const problems: Problem[] = [];
  const azure = readOne(files, 'azure.yaml', azureSchema, problems);
  const roles = readOne(files, 'roles.yaml', rolesSchema, problems);
  const teams = readOne(files, 'teams.yaml', teamsSchema, problems);
  const images = readImages(files, azure?.value, problems);
  for (const { path } of files) {
    if (!/^(azure|roles|teams)\.yaml$|^images\/[^/]+\.yaml$|\.json$/.test(path)) {
      problems.push({
        file: path,
        line: 1,
        message: 'is not a catalogue file; only azure, roles, teams and images/*.yaml are',
      });
    }
  }
  if (azure) {
    checkStaging(azure, images, problems);
    checkEncryption(azure.value, images, problems);
    for (const image of images) problems.push(...checkImage(image, azure.value));
  }
  checkRoles(roles, images, problems);
  checkTeams(teams, problems);
  problems.push(
    ...decidersIn({ roles, teams, images })
      .filter(({ group }) => tooLarge.has(group))
      .map(({ source, path }) => problem(source, path, `${path.join('.')}: ${tooManyDecide}`)),
  );
  if (problems.length > 0 || !azure || !roles || !teams) return { ok: false, problems };
  const catalogue = {
    azure: azure.value,
    roles: roles.value,
    teams: new Map(Object.entries(teams.value)),
    images: images.map((i) => i.value).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  return { ok: true, catalogue };
}

/** `images/ubuntu-22.yaml:14: tests.0.name must be …`, one per line. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n');
}

interface Read<T> {
  readonly value: T;
  readonly source: Source;
}

const tooManyDecide =
  'has too many members to decide, since they are read for each decision; name a group of at most 2,000';

/** Where the catalogue names a group whose members decide: about an image, as a team's owners, as admins. */
function decidersIn(read: {
  readonly roles: Read<Catalogue['roles']> | undefined;
  readonly teams: Read<Readonly<Record<string, TeamConfig>>> | undefined;
  readonly images: readonly Read<ImageConfig>[];
}): readonly { readonly group: string; readonly source: Source; readonly path: readonly (string | number)[] }[] {
  const { roles, teams, images } = read;
  return [
    ...images.map(({ value, source }) => ({ group: value.approval.group, source, path: ['approval', 'group'] })),
    ...Object.entries(teams?.value ?? {}).flatMap(([team, { owners }]) =>
      teams ? { group: owners.group, source: teams.source, path: [team, 'owners', 'group'] } : [],
    ),
    ...(roles?.value ?? []).flatMap(({ group, role }, i) =>
      roles && role === 'admin' ? { group, source: roles.source, path: [i, 'group'] } : [],
    ),
  ];
}

function readImages(
  files: readonly CatalogueFile[],
  azure: Catalogue['azure'] | undefined,
  problems: Problem[],
): readonly Read<ImageConfig>[] {
  const found = files.filter((f) => f.path.startsWith('images/') && f.path.endsWith('.yaml'));
  if (found.length === 0)
    problems.push({ file: 'images/', line: 1, message: 'holds no image; add images/<image>.yaml' });
  const images = found.flatMap((f) => readImage(f, { files, azure, problems }) ?? []);
  const taken = new Map<string, string>();
  const definitions = new Map<string, string>();
  for (const { value, source } of images) {
    const names = [[value.name, ['name']] as const, ...value.aliases.map((a, i) => [a, ['aliases', i]] as const)];
    for (const [name, path] of names) {
      const other = taken.get(name);
      if (other) problems.push(problem(source, path, `${name} already names an image in ${other}`));
      else taken.set(name, source.file);
    }
    const home = definitions.get(value.imageDefinition.toLowerCase());
    if (home)
      problems.push(
        problem(source, ['imageDefinition'], `${value.imageDefinition} is already the definition of ${home}`),
      );
    else definitions.set(value.imageDefinition.toLowerCase(), value.name);
    if (source.file !== `images/${value.name}.yaml`) {
      problems.push(problem(source, ['name'], `the file of ${value.name} must be called images/${value.name}.yaml`));
    }
    problems.push(
      ...duplicates(value.tests.map((t) => t.name)).map((i) =>
        problem(source, ['tests', i], 'has the name of another test'),
      ),
    );
    problems.push(
      ...duplicates(value.regions.map((r) => regionKey(r.name))).map((i) =>
        problem(
          source,
          ['regions', i],
          `${value.regions[i]?.name} is listed twice; Azure does not mind case and blanks`,
        ),
      ),
    );
  }
  return images;
}

interface Reading {
  readonly files: readonly CatalogueFile[];
  /** Undefined: it has mistakes of its own. */
  readonly azure: Catalogue['azure'] | undefined;
  readonly problems: Problem[];
}

/** An image's file, and its template's if it names one; the mistakes of both at once. */
function readImage(file: CatalogueFile, reading: Reading): Read<ImageConfig> | undefined {
  const { azure, problems } = reading;
  const found = readYaml(file, problems);
  if (!found) return undefined;
  const named = templateNames.safeParse(found.value);
  const { template: name, templateValues = {} } = named.success ? named.data : {};
  const template = name !== undefined && azure ? readNamed(found.source, { name, templateValues }, reading) : undefined;
  const own = judge(found, imageSchema, problems);
  if (name !== undefined) problems.push(...saidTwice(found));
  else if (own?.value.templateValues) {
    problems.push(problem(found.source, ['templateValues'], 'templateValues: there is no template to fill'));
  }
  if (!own) return undefined;
  const { template: _, templateValues: __, source, ...image } = own.value;
  if (template) {
    const whole = withTemplate({ value: image, source: own.source }, template);
    problems.push(...tooManyTags(whole, template));
    return whole;
  }
  if (source) return { value: { ...image, source }, source: own.source };
  if (name === undefined) problems.push(problem(own.source, [], 'source: is missing'));
  return undefined;
}

const templateNames = imageSchema.pick({ template: true, templateValues: true }).loose();

function saidTwice({ value, source }: Read<unknown>): readonly Problem[] {
  const said = typeof value === 'object' && value !== null ? value : {};
  return ['source', 'customize', 'validate']
    .filter((key) => key in said)
    .map((key) => problem(source, [key], `${key}: the template says it; take it out of this file`));
}

interface NamedTemplate extends ReadTemplate {
  readonly file: string;
}

/** The template that an image names, filled in; its problems have its own file and line. */
function readNamed(
  source: Source,
  {
    name,
    templateValues: values,
  }: { readonly name: string; readonly templateValues: Readonly<Record<string, unknown>> },
  { files, azure, problems }: Reading,
): NamedTemplate | undefined {
  const file = files.find(({ path }) => path === `images/${name}`) ?? files.find(({ path }) => path === name);
  if (!file || !azure) {
    problems.push(
      problem(source, ['template'], `template: there is no images/${name} in the catalogue, and no ${name}`),
    );
    return undefined;
  }
  const { subscription, buildResourceGroup: resourceGroup, location } = azure;
  const place = { subscription, resourceGroup, location };
  const read = readTemplate({ text: file.text, file: file.path, values, place });
  for (const value of Object.keys(values)) {
    if (read.used && !read.used.has(value)) {
      const message = `templateValues.${value}: ${file.path} has no placeholder <${value}> and no such parameter`;
      problems.push(problem(source, ['templateValues', value], message));
    }
  }
  const { source: base } = read.ok ? read.template.properties : {};
  if (read.ok && base?.type !== 'PlatformImage') {
    const message = `source.type: goldbot builds from marketplace images; ${base?.type} is not one`;
    problems.push({ file: file.path, line: read.template.lineOf(['source', 'type']), message });
    return undefined;
  }
  if (read.ok) return { ...read.template, file: file.path };
  problems.push(...read.problems.map((found) => ({ ...found, file: file.path })));
  return undefined;
}

/** Where the template has what an image's file has elsewhere. */
const placesInTemplate: Readonly<Record<string, readonly string[]>> = {
  source: ['source'],
  customize: ['customize'],
  validate: ['validate', 'inVMValidations'],
};

/** The recipe of the template; settings of the image's own file win over its settings. */
function withTemplate(
  { value, source }: Read<Omit<ImageConfig, 'source'>>,
  { properties, tags, origin, lineOf, file }: NamedTemplate,
): Read<ImageConfig> {
  const { vmProfile = {}, buildTimeoutInMinutes: minutes, managedResourceTags, validate, customize } = properties;
  const { vmSize, osDiskSizeGB: disk, vnetConfig } = vmProfile;
  const { subnetId, containerInstanceSubnetId } = vnetConfig ?? {};
  const network = subnetId !== undefined && {
    subnetId,
    ...(containerInstanceSubnetId && { containerInstanceSubnetId }),
  };
  const allTags = merged([managedResourceTags, tags, value.build?.tags]);
  const build = {
    ...(vmSize !== undefined && { vmSize }),
    ...(disk !== undefined && disk > 0 && { osDiskSizeGiB: disk }),
    ...(network && { network }),
    ...value.build,
    ...(Object.keys(allTags).length > 0 && { tags: allTags }),
  };
  const image: ImageConfig = {
    ...value,
    source: sourceIn(properties.source),
    customize,
    validate: validate?.inVMValidations ?? [],
    // Image Builder takes 0 for four hours.
    ...(minutes !== undefined && { buildTimeoutMinutes: minutes === 0 ? 240 : minutes }),
    ...(value.buildTimeoutMinutes !== undefined && { buildTimeoutMinutes: value.buildTimeoutMinutes }),
    ...(Object.keys(build).length > 0 && { build }),
    template: origin,
  };
  const elsewhere = ([key, ...rest]: readonly PropertyKey[]) => {
    const place = placesInTemplate[String(key)];
    return place && { file, line: lineOf([...place, ...(rest as (string | number)[])]) };
  };
  return { value: image, source: { ...source, elsewhere } };
}

/** Azure takes names of tags that differ in case alone for one. */
function merged(all: readonly (Readonly<Record<string, string>> | undefined)[]): Record<string, string> {
  const tags = all.flatMap((one) => Object.entries(one ?? {}));
  return Object.fromEntries(new Map(tags.map(([name, value]) => [name.toLowerCase(), [name, value]])).values());
}

/** Each place may have as many as Azure takes; together they may not. */
function tooManyTags({ value, source }: Read<ImageConfig>, { file }: NamedTemplate): readonly Problem[] {
  const { error } = ownTags.safeParse(value.build?.tags ?? {});
  const issues = error?.issues ?? [];
  return issues.map(({ message }) =>
    problem(source, ['template'], `template: the tags of ${file} and of this file together ${message}`),
  );
}

/** What Image Builder would refuse, and what no option of a command could mend. */
function checkImage({ value, source }: Read<ImageConfig>, { location }: Catalogue['azure']): readonly Problem[] {
  const foreign = (type: string) => type !== 'File' && (type === 'Shell') !== (value.os === 'Linux');
  const steps = (['customize', 'validate'] as const).flatMap((list) =>
    value[list].flatMap(({ type, name }, i) =>
      foreign(type)
        ? [
            problem(
              source,
              [list, i, 'type'],
              `“${name ?? i + 1}” is of type ${type}, which does not run on ${value.os}`,
            ),
          ]
        : [],
    ),
  );
  steps.push(...tooLong(value, source));
  if (value.regions.some((r) => regionKey(r.name) === location)) return steps;
  const missing = `leaves out ${location}, where images are built: Azure keeps a version in its own region too`;
  return [...steps, problem(source, ['regions'], missing)];
}

/** Of one resource, in bytes; Azure Resource Manager takes no more. */
const mostBytes = 1_048_576;

function tooLong({ customize, validate }: ImageConfig, source: Source): readonly Problem[] {
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  if (bytes({ customize, validate }) < mostBytes) return [];
  const all = [
    ...customize.map((step, i) => ({ step, path: ['customize', i] })),
    ...validate.map((step, i) => ({ step, path: ['validate', i] })),
  ].sort((a, b) => bytes(b.step) - bytes(a.step));
  return all.slice(0, 1).map(({ step, path }) => {
    const size = (bytes({ customize, validate }) / mostBytes).toFixed(1);
    const name = step.name ?? step.type;
    const message = `the steps have ${size} MB, and Azure takes less than 1 MB; put the longest, “${name}”, into a storage account and name it by scriptUri and sha256Checksum`;
    return problem(source, path, message);
  });
}

/** The gallery takes keys of its own subscription, and for all regions of a version or for none. */
function checkEncryption(
  { gallery, subscription }: Catalogue['azure'],
  images: readonly Read<ImageConfig>[],
  problems: Problem[],
) {
  const home = `/subscriptions/${gallery.subscription ?? subscription}/`.toLowerCase();
  for (const { value, source } of images) {
    const encrypted = value.regions.find((r) => r.diskEncryptionSetId !== undefined);
    value.regions.forEach(({ diskEncryptionSetId: id }, i) => {
      if (encrypted && id === undefined) {
        problems.push(problem(source, ['regions', i], `needs a diskEncryptionSetId, since ${encrypted.name} has one`));
      } else if (id !== undefined && !id.toLowerCase().startsWith(home)) {
        problems.push(
          problem(source, ['regions', i, 'diskEncryptionSetId'], 'must be in the subscription of the gallery'),
        );
      }
    });
  }
}

/** A staging group must be empty when a build begins, and near: a build would find out after it was asked for. */
function checkStaging(azure: Read<Catalogue['azure']>, images: readonly Read<ImageConfig>[], problems: Problem[]) {
  const holders = new Map<string, string>();
  for (const { value, source } of images) {
    const own = value.build?.stagingResourceGroup;
    const group = own ?? azure.value.build.stagingResourceGroup;
    if (group === undefined) continue;
    const [where, path] = own
      ? [source, ['build', 'stagingResourceGroup']]
      : [azure.source, ['build', 'stagingResourceGroup']];
    const other = holders.get(group.toLowerCase());
    const elsewhere = !group.toLowerCase().startsWith(`/subscriptions/${azure.value.subscription.toLowerCase()}/`);
    if (other) {
      const name = nameOfId(group);
      problems.push(
        problem(
          where,
          path,
          `${name} is the staging group of ${other} and of ${value.name}; it must be empty when a build begins, so give each image its own under build in its file`,
        ),
      );
    } else if (elsewhere) {
      problems.push(problem(where, path, 'must be in the subscription that builds'));
    }
    holders.set(group.toLowerCase(), value.name);
  }
}

function checkRoles(
  roles: Read<Catalogue['roles']> | undefined,
  images: readonly Read<ImageConfig>[],
  problems: Problem[],
) {
  const names = new Set(images.map((i) => i.value.name));
  roles?.value.forEach((grant, i) => {
    grant.images?.forEach((image, j) => {
      if (!names.has(image))
        problems.push(problem(roles.source, [i, 'images', j], `${image} is no image of the catalogue`));
    });
  });
}

/** Two teams with the same scope would both have its machines; `me` and `all` mean something else in commands. */
function checkTeams(teams: Read<Readonly<Record<string, TeamConfig>>> | undefined, problems: Problem[]) {
  if (!teams) return;
  const holders = new Map<string, string>();
  for (const [team, { scope }] of Object.entries(teams.value)) {
    const holder = holders.get(scopeKey(scope));
    if (holder)
      problems.push(problem(teams.source, [team, 'scope'], `${team}.scope: is already the scope of ${holder}`));
    else holders.set(scopeKey(scope), team);
    if (team === 'me' || team === 'all') {
      problems.push(problem(teams.source, [team], `${team}: is a word of commands; give the team another name`));
    }
  }
}

function readOne<S extends z.ZodType>(files: readonly CatalogueFile[], path: string, schema: S, problems: Problem[]) {
  const file = files.find((f) => f.path === path);
  if (!file) {
    problems.push({ file: path, line: 1, message: 'is missing' });
    return undefined;
  }
  return read(file, schema, problems);
}

function read<S extends z.ZodType>(file: CatalogueFile, schema: S, problems: Problem[]): Read<z.output<S>> | undefined {
  const found = readYaml(file, problems);
  return found && judge(found, schema, problems);
}

/** What a file says, whatever it is. */
function readYaml(file: CatalogueFile, problems: Problem[]): Read<unknown> | undefined {
  const counter = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: counter, prettyErrors: false });
  for (const e of document.errors) {
    problems.push({
      file: file.path,
      line: counter.linePos(e.pos[0]).line,
      message: `is not valid YAML: ${e.message}`,
    });
  }
  if (document.errors.length > 0) return undefined;
  const source = { file: file.path, lineOf: (path: readonly PropertyKey[]) => lineOf(document, counter, path) };
  try {
    return { value: document.toJS(), source };
  } catch (error) {
    // What only shows when aliases are followed: one without an anchor, or far too many.
    if (!(error instanceof ReferenceError)) throw error;
    problems.push({ file: file.path, line: 1, message: `is not valid YAML: ${error.message}` });
    return undefined;
  }
}

function judge<S extends z.ZodType>({ value, source }: Read<unknown>, schema: S, problems: Problem[]) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, source };
  const issues = parsed.error.issues.flatMap(ofMeant);
  problems.push(...issues.map((issue) => problem(source, issue.path, sentence(issue))));
  return undefined;
}

/** For a union, the mistakes of the one alternative whose keys are right: that is the one that was meant. */
function ofMeant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [meant, ...others] = issue.errors.filter((errors) => errors.every((e) => e.path.length > 0));
  if (!meant || others.length > 0) return [issue];
  return meant.flatMap(ofMeant).map((e) => ({ ...e, path: [...issue.path, ...e.path] }));
}

function sentence(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.') || 'the file';
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  // The name of a team or of a tag: zod says only that it is wrong.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${where}: ${missing ? 'is missing' : message}`;
}

function problem(source: Source, path: readonly PropertyKey[], message: string): Problem {
  return { ...(source.elsewhere?.(path) ?? { file: source.file, line: source.lineOf(path) }), message };
}

/** The line of the deepest part of the path that exists in the file: a missing key is reported where it belongs. */
function lineOf(document: Document.Parsed, counter: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range =
      typeof node === 'object' && node !== null && !isAlias(node) ? (node as { range?: number[] }).range : undefined;
    if (range?.[0] !== undefined) return counter.linePos(range[0]).line;
  }
  return 1;
}

function duplicates(names: readonly string[]): number[] {
  return names.flatMap((name, i) => (names.indexOf(name) < i ? [i] : []));
}

function sourceIn(source: ReadTemplate['properties']['source']): ImageConfig['source'] {
  if (source.type !== 'PlatformImage') throw new Error(`a recipe from a ${source.type} was not refused`);
  const { publisher, offer, sku, version, planInfo } = source;
  const pinned = version !== undefined && version.toLowerCase() !== 'latest' ? { version } : {};
  const plan = planInfo && {
    name: planInfo.planName,
    product: planInfo.planProduct,
    publisher: planInfo.planPublisher,
  };
  return { publisher, offer, sku, ...pinned, ...(plan && { plan }) };
}
