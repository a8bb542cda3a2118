/**
 * An existing Image Builder template as the recipe of an image: bare, or in an ARM deployment (Bicep's output too), of any
 * api-version. Pure: `parse.ts` calls it with the files of the catalogue. What Azure makes of the whole deployment, and
 * what the template distributes, is not taken over: goldbot builds, distributes and approves in its own way, and says
 * what it changed.
 */
import { hashOf } from '../../hash';
import { tags as ownTags } from '../fields';
import type { Json } from './expressions';
import {
  type At,
  evaluatePart,
  type Found,
  findTemplate,
  isObject,
  type JsonObject,
  objectOf,
  type Path,
  shown,
} from './resource';
import { replaced, type TemplateProperties, templateProperties } from './schema';
import { type FilledText, fillText, noValue, placeholdersIn } from './text';

export interface TemplateInput {
  readonly text: string;
  /** As the catalogue calls the file. */
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where goldbot builds: what `resourceGroup()` and `subscription()` mean. */
  readonly place: { readonly subscription: string; readonly resourceGroup: string; readonly location: string };
}

export interface TemplateProblem {
  readonly line: number;
  readonly message: string;
}

/** Where a recipe came from, and what was not taken over as it was. */
export interface TemplateOrigin {
  readonly file: string;
  /** Of everything that was taken over, filled in. */
  readonly hash: string;
  /** What goldbot changes and adds, a clause each. */
  readonly changes: readonly string[];
  /** The members of the template that are not taken over as they are, by name. */
  readonly changed: readonly string[];
}

export interface ReadTemplate {
  readonly properties: TemplateProperties;
  readonly tags: Readonly<Record<string, string>>;
  readonly origin: TemplateOrigin;
  /** The line of a member of `properties`, from 1. */
  readonly lineOf: (path: Path) => number;
}

export type TemplateRead =
  | { readonly ok: true; readonly template: ReadTemplate; readonly used: ReadonlySet<string> }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[]; readonly used?: ReadonlySet<string> };

export function readTemplate(input: TemplateInput): TemplateRead {
  const filled = fillText(input.text, input.values);
  if (Array.isArray(filled)) return { ok: false, problems: filled };
  const text = filled as FilledText;
  const used = new Set([...text.used, ...namedIn(input)]);
  const found = findTemplate(text.value, { ...input, takes: (name) => used.add(name) });
  if (!('resource' in found)) return { ok: false, problems: found.map((at) => placed(at, text)), used };
  const problems: At[] = [...found.problems];
  const properties = problems.length === 0 ? propertiesOf(found, problems) : null;
  if (found.problems.length === 0) checkApiVersion(found, problems);
  const left = [...new Set(placeholdersIn(JSON.stringify([found.resource, properties])))].filter(
    (name) => !Object.hasOwn(input.values, name),
  );
  const told = [
    ...left.map((name) => ({ line: text.lineWith(`<${name}>`), message: noValue(name) })),
    ...problems.map((at) => placed(at, text)),
  ].sort((a, b) => a.line - b.line);
  if (told.length > 0) return { ok: false, problems: told, used };
  return judged(input, { text, found, properties, used });
}

/** A bare resource may ask for parameters in what is replaced, too, which is not evaluated. */
function namedIn({ text, values }: TemplateInput): readonly string[] {
  if (/"resources"\s*:/.test(text)) return [];
  return Object.keys(values).filter((name) => text.includes(`parameters('${name}')`));
}

function judged(
  { file, place }: TemplateInput,
  read: { text: FilledText; found: Found; properties: Json; used: ReadonlySet<string> },
): TemplateRead {
  const { text, found, properties, used } = read;
  const base = [...found.path, 'properties'];
  const parsed = templateProperties.safeParse(properties);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => {
      const at = [...base, ...(issue.path as Path)];
      if (issue.code !== 'unrecognized_keys')
        return [placed({ path: at, message: `${shown(at)}: ${issue.message}` }, text)];
      return issue.keys.map((key) => {
        const path = [...at, key];
        return placed(
          { path, message: `${shown(path)}: goldbot does not take this over; take it out, or correct its name` },
          text,
        );
      });
    });
    return { ok: false, problems, used };
  }
  const unread: At[] = [];
  const tagsAt = [...found.path, 'tags'];
  const tags = stringsOf(evaluatePart(objectOf(found.resource['tags']), tagsAt, found, unread));
  if (!ownTags.safeParse(tags).success)
    unread.push({
      path: tagsAt,
      message: `${shown(tagsAt)}: must be tags that Azure takes, none of which begins with goldbot-`,
    });
  if (unread.length > 0) return { ok: false, problems: unread.map((at) => placed(at, text)), used };
  const taken = named(parsed.data);
  const said = changesOf(found, parsed.data, place.location);
  const origin = {
    ...{ file, hash: hashOf({ properties: taken, tags }), changes: said.map(({ clause }) => clause) },
    changed: said.flatMap(({ member }) => member ?? []),
  };
  const lineOf = (path: Path) => text.lineOf([...base, ...path]);
  return { ok: true, template: { properties: taken, tags, origin, lineOf }, used };
}

/** Without what goldbot replaces: that need not be readable. */
function propertiesOf(found: Found, problems: At[]): Json {
  const path = [...found.path, 'properties'];
  const { properties } = found.resource;
  if (!isObject(properties)) {
    problems.push({ path: found.path, message: `${shown(path)}: is missing` });
    return {};
  }
  const kept = Object.entries(properties).filter(([name]) => !(replaced as readonly string[]).includes(name));
  return evaluatePart(Object.fromEntries(kept), path, found, problems);
}

/** Any version that Image Builder ever had: goldbot sends its own, and what it does not know is refused by name. */
function checkApiVersion(found: Found, problems: At[]): void {
  const path = [...found.path, 'apiVersion'];
  const version = evaluatePart(found.resource['apiVersion'] ?? null, path, found, problems);
  if (version !== null && !/^20\d\d-\d\d-\d\d(-preview)?$/.test(String(version))) {
    problems.push({
      path,
      message: `${shown(path)}: ${JSON.stringify(version)} is not an api-version, which is a date such as 2024-02-01`,
    });
  }
}

function placed({ path, message }: At, text: FilledText): TemplateProblem {
  return { line: text.lineOf(path), message };
}

/** A step without a name is called by its kind and its place: a name is what people read when it fails. */
function named(properties: TemplateProperties): TemplateProperties {
  const name = <S extends { readonly type: string; readonly name?: string | undefined }>(step: S, i: number): S =>
    step.name === undefined ? { ...step, name: `${step.type} ${i + 1}` } : step;
  const { validate } = properties;
  return {
    ...properties,
    customize: properties.customize.map(name),
    ...(validate && { validate: { ...validate, inVMValidations: validate.inVMValidations.map(name) } }),
  };
}

interface Change {
  /** Absent: nothing of the template itself is different. */
  readonly member?: string;
  readonly clause: string;
}

function changesOf({ resource }: Found, properties: TemplateProperties, location: string): readonly Change[] {
  const raw = objectOf(resource['properties']);
  const { validate, customize, source } = properties;
  const steps = [...customize, ...(validate?.inVMValidations ?? [])];
  const unnamed = steps.filter((s) => s.name === undefined).length;
  const unchecked = unpinnedDownloads(steps);
  const { distribute, stagingResourceGroup, autoRun, errorHandling } = raw;
  const { identity, name, apiVersion } = resource;
  const elsewhere = resource['location'] !== undefined && resource['location'] !== location;
  const changed: readonly (readonly [member: string, is: unknown, how: string])[] = [
    ['distribute', distribute !== undefined, distributeChange(distribute)],
    ['identity', identity !== undefined, 'replaced by that of the catalogue'],
    ['location', elsewhere, `replaced by ${location}`],
    ['name', name !== undefined, 'replaced by one for each attempt'],
    ['api-version', apiVersion !== undefined, 'replaced by that of goldbot'],
    ['stagingResourceGroup', stagingResourceGroup !== undefined, 'replaced by that of the catalogue'],
    ['autoRun', autoRun !== undefined, 'replaced; the build starts at once'],
    ['errorHandling', errorHandling !== undefined, 'left out; a failed build leaves no machine behind'],
    ['validate', validate?.continueDistributeOnFailure === true, 'a failed check stops the build'],
    ['validate', validate?.sourceValidationOnly === true, 'the image is built, not only the source checked'],
    ['vmProfile.vnetConfig.proxyVmSize', properties.vmProfile?.vnetConfig?.proxyVmSize !== undefined, 'left out'],
  ];
  const added: readonly (string | false)[] = [
    distribute === undefined && 'added: distribute, to the gallery of the catalogue',
    source.type !== 'ManagedImage' && 'source: fixed to an exact version by each plan',
    unnamed > 0 && `${unnamed} step${unnamed === 1 ? '' : 's'} without a name: called by kind and place`,
    'added: the tattoo, as the last step',
    unchecked.length > 0 && `not pinned by a checksum: ${unchecked.join(', ')}`,
  ];
  return [
    ...changed.filter(([, is]) => is).map(([member, , how]) => ({ member, clause: `${member}: ${how}` })),
    ...added.flatMap((clause) => (clause === false ? [] : [{ clause }])),
  ];
}

/** Steps that fetch what may be another file tomorrow, by name. */
export function unpinnedDownloads(steps: readonly Downloading[]): readonly string[] {
  return steps
    .filter((s) => (s.scriptUri !== undefined || s.type === 'File') && s.sha256Checksum === undefined)
    .map((s) => s.name ?? s.type);
}

interface Downloading {
  readonly type: string;
  readonly name?: string | undefined;
  readonly scriptUri?: string | undefined;
  readonly sha256Checksum?: string | undefined;
}

function distributeChange(distribute: Json | undefined): string {
  if (!Array.isArray(distribute)) return 'replaced by the gallery of the catalogue';
  const kinds = distribute.map((target) => String(objectOf(target)['type'] ?? '?'));
  const what = `${kinds.length} target${kinds.length === 1 ? '' : 's'} (${kinds.join(', ')})`;
  const others = kinds.some((kind) => kind === 'VHD' || kind === 'ManagedImage');
  const more = others ? "; `outputs` in the image's file makes a managed image and a VHD once it is published" : '';
  const tags = distribute.flatMap((target) => Object.keys(objectOf(objectOf(target)['artifactTags'])));
  const lost = tags.length === 0 ? '' : `; its artifact tags are left out: ${[...new Set(tags)].join(', ')}`;
  return `${what} replaced by the gallery of the catalogue${lost}${more}`;
}

function stringsOf(value: Json): Record<string, string> {
  const entries = Object.entries(objectOf(value) as JsonObject);
  return Object.fromEntries(entries.map(([key, v]) => [key, String(v)]));
}
