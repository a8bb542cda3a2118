import { type CatalogueFile, type ImageConfig, type ParsedCatalogue, parseCatalogue } from '../../core/catalogue';
import { exampleFiles } from './catalogue';

/** A template as teams have them: bare, with placeholders. */
export const bareTemplate = `{
  "type": "Microsoft.VirtualMachineImages",
  "apiVersion": "2022-02-14",
  "location": "<region>",
  "identity": { "type": "UserAssigned", "userAssignedIdentities": { "<builder>": {} } },
  "properties": {
    "buildTimeoutInMinutes": 80,
    "vmProfile": { "vmSize": "Standard_D2s_v3", "osDiskSizeGB": 30 },
    "source": {
      "type": "PlatformImage",
      "publisher": "Canonical",
      "offer": "0001-com-ubuntu-server-jammy",
      "sku": "22_04-lts-gen2",
      "version": "latest"
    },
    "customize": [
      { "type": "Shell", "scriptUri": "https://example.org/<script>" },
      { "type": "Shell", "name": "upgrade", "inline": ["sudo apt-get install -y unattended-upgrades"] }
    ],
    "distribute": [
      { "type": "SharedImage", "galleryImageId": "<definition>", "runOutputName": "out", "artifactTags": { "team": "x" } }
    ]
  }
}
`;

export const bareValues = { region: 'westeurope', builder: 'id', script: 'a.sh', definition: 'there' };

/** The example catalogue with ubuntu-22 (or another of its images) made from a template. */
export function withTemplate(
  text: string,
  values: Readonly<Record<string, unknown>> = {},
  image = 'ubuntu-22',
): readonly CatalogueFile[] {
  const own = exampleFiles().map((file) => {
    if (file.path !== `images/${image}.yaml`) return file;
    const kept = file.text
      .replace(/^source:\n(?: .*\n)+/m, '')
      .replace(/^(# .*\n)*(customize|validate|tests):\n(?:(?:[ #].*)?\n)+/gm, '');
    return { ...file, text: `template: legacy.json\ntemplateValues: ${JSON.stringify(values)}\n${kept}` };
  });
  return [...own, { path: 'images/legacy.json', text }];
}

export function parsedWith(...given: Parameters<typeof withTemplate>): ParsedCatalogue {
  return parseCatalogue(withTemplate(...given));
}

/** The image that a template makes, or what is wrong: `file:line: message`, each a line. */
export function imageOf(...given: Parameters<typeof withTemplate>): ImageConfig | string {
  const parsed = parsedWith(...given);
  if (!parsed.ok) return parsed.problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n');
  const found = parsed.catalogue.images.find(({ name }) => name === (given[2] ?? 'ubuntu-22'));
  if (!found) throw new Error('no such image');
  return found;
}
