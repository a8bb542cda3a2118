import { type Examination, examine, examineWithoutCatalogue, type HouseSettings, unknowable } from '../core/doctor';
import { isUserError, UserError } from '../core/errors';
import type { Finding } from '../core/preflight';
import { type AzureOptions, createAzure } from '../services';
import type { Password } from '../store';
import { CatalogueSource, mistakesIn } from './catalogue-files';
import { houseRead } from './house';
import { checkCloud, outsideOf } from './outside';
import { productionSoFar } from './settings';
import { signerFrom } from './signing-key';

/** What `npm run doctor` prints and how it ends. */
export interface Examined {
  readonly lines: readonly string[];
  /** 0: nothing to mend; 1: something is; 2: not all could be looked at. */
  readonly exitCode: 0 | 1 | 2;
}

/** What a goldbot would be started with, as far as it is there. */
export interface Patient {
  readonly settings: HouseSettings;
  /** Undefined while nobody has said which. */
  readonly databaseUrl: string | undefined;
  readonly databasePassword?: Password;
  readonly catalogue: CatalogueSource | undefined;
  readonly azure: Pick<AzureOptions, 'credential' | 'httpClient' | 'cloud'>;
}

/** Looks at everything that can be looked at; no goldbot need run, and none is disturbed. */
export async function examined(patient: Patient): Promise<Examined> {
  const found = await examinationOf(patient);
  const broken = found.findings.some(({ severity }) => severity !== 'unseen');
  const unseen = found.findings.length + found.waiting.length > 0 || !patient.catalogue;
  return { lines: linesOf(found, patient), exitCode: broken ? 1 : unseen ? 2 : 0 };
}

async function examinationOf(patient: Patient): Promise<Examination> {
  const { settings, databaseUrl, databasePassword, catalogue, azure } = patient;
  const password = databasePassword && { databasePassword };
  const house = (directory: Parameters<typeof houseRead>[0]['directory']) =>
    databaseUrl === undefined
      ? { ...houseRead({ databaseUrl: '', directory, settings: () => settings }), database: unset, channels: unset }
      : houseRead({ databaseUrl, ...password, directory, settings: () => settings });
  if (!catalogue) return examineWithoutCatalogue(house({ deciders: unset }));
  const { subscription } = catalogue.get().azure;
  const { read, directory } = createAzure({ ...azure, subscription });
  return examine({ azure: read, house: house(directory) }, { catalogue: catalogue.get(), busy: new Set() });
}

function unset(): Promise<never> {
  return Promise.reject(
    new UserError('DATABASE_SILENT', 'No setting says where the database is.', { hint: 'Set DATABASE_URL.' }),
  );
}

/** The settings of `npm run serve`, right or wrong. */
export function patientOf(environment: NodeJS.ProcessEnv): Patient {
  const { settings, wrong } = productionSoFar(environment);
  const { GOLDBOT_CATALOG: folder, GOLDBOT_SIGNING_KEY_FILE: keyFile, DATABASE_URL: databaseUrl } = settings;
  const catalogue = folder === undefined ? undefined : attempt(() => new CatalogueSource(folder, () => {}));
  const key = keyFile === undefined ? undefined : attempt(() => signerFrom(keyFile));
  const { MicrosoftAppTenantId: tenant } = settings;
  const { databasePassword, ...azure } = outsideOf(settings, environment);
  const place =
    isUserError(catalogue) || !catalogue ? true : attempt(() => checkCloud(settings, catalogue.get().azure.location));
  return {
    settings: {
      wrong: [...wrong, ...[key, place].flatMap((one) => (isUserError(one) ? [one.message] : []))],
      mistakes: isUserError(catalogue) ? mistakesIn(catalogue) : [],
      isRunning: false,
      cloud: azure.cloud,
      ...(tenant !== undefined && { tenant }),
      localKey: key !== undefined && !isUserError(key),
    },
    databaseUrl,
    catalogue: isUserError(catalogue) ? undefined : catalogue,
    azure,
    ...(databasePassword && { databasePassword }),
  };
}

function attempt<T>(what: () => T): T | UserError {
  try {
    return what();
  } catch (error) {
    if (isUserError(error)) return error;
    throw error;
  }
}

const headings: readonly (readonly [Finding['severity'], string])[] = [
  ['stops', 'Broken'],
  ['warns', 'Works, and will hurt'],
  ['unseen', 'Not looked at'],
];

function linesOf({ findings, fine, waiting }: Examination, { catalogue }: Patient): readonly string[] {
  const blocks = headings.flatMap(([severity, heading]) => {
    const found = findings.filter((finding) => finding.severity === severity);
    return found.length === 0 ? [] : [`${heading}:`, ...found.flatMap(findingLines), ''];
  });
  const later = [
    ...(waiting.length > 0 ? [`Looked at once the above is mended: ${waiting.join(', ')}.`] : []),
    ...(catalogue ? [] : ['Azure, Teams and people are looked at once there is a catalogue without mistakes.']),
  ];
  const clean = findings.length === 0 ? ['Nothing to mend in what was looked at.'] : [];
  return [...blocks, ...clean, ...later, `Fine: ${fine.join(', ') || 'nothing yet'}.`, ...unknowable];
}

function findingLines({ severity, why, so, mend, commands }: Finding): readonly string[] {
  const sign = severity === 'unseen' ? '?' : '!';
  return [
    `  ${sign} ${why}`,
    ...(so === undefined ? [] : [`    ${so}`]),
    `    ${mend}`,
    ...commands.map((command) => `      ${command}`),
  ];
}
