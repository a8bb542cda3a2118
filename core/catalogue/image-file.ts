import { regionKey } from '../azure-id';
import { tags as ownTags } from './fields';
import { type CatalogueFile, judge, type Problem, problem, type Read, readYaml, type Source } from './file';
import { type Catalogue, type ImageConfig, imageSchema } from './schemas';
import { sourceInFile, sourceInTemplate } from './source';
import { type ReadTemplate, readTemplate } from './template';

interface Reading {
  readonly files: readonly CatalogueFile[];
  /** Undefined: it has mistakes of its own. */
  readonly azure: Catalogue['azure'] | undefined;
  readonly problems: Problem[];
}

/** An image's file, and its template's if it names one; the mistakes of both at once. */
export function readImage(file: CatalogueFile, reading: Reading): Read<ImageConfig> | undefined {
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
  if (source) return { value: { ...image, source: sourceInFile(source) }, source: own.source };
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
    source: sourceInTemplate(properties.source),
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
export function checkImage({ value, source }: Read<ImageConfig>, azure: Catalogue['azure']): readonly Problem[] {
  const { location } = azure;
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
  steps.push(...tooLong(value, source), ...withoutPlace(value, source, azure));
  if (value.regions.some((r) => regionKey(r.name) === location)) return steps;
  const missing = `leaves out ${location}, where images are built: Azure keeps a version in its own region too`;
  return [...steps, problem(source, ['regions'], missing)];
}

function withoutPlace(
  { outputs = [] }: ImageConfig,
  source: Source,
  { outputs: places = {} }: Catalogue['azure'],
): readonly Problem[] {
  return outputs.flatMap((output, i) => {
    const missing =
      output === 'managed-image' && places.resourceGroup === undefined
        ? 'azure.yaml does not say where managed images go: name outputs.resourceGroup there'
        : output === 'vhd' && places.storageAccount === undefined
          ? 'azure.yaml does not say where VHDs go: name outputs.storageAccount and outputs.container there'
          : undefined;
    return missing === undefined ? [] : [problem(source, ['outputs', i], `outputs.${i}: ${missing}`)];
  });
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
