import { definitionId } from '../../core/azure-id';
import { type Catalogue, describeProblems, type ImageConfig, parseCatalogue } from '../../core/catalogue';
import { imageRef } from '../../core/images';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { exampleCatalogue, exampleFiles } from './catalogue';

const { azure } = exampleCatalogue();

/** Id of a golden image's definition, as Azure writes it. */
export const goldenId = (definition: string): string =>
  `/subscriptions/${azure.subscription}/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold/images/${definition}`;

export const managedId = (name: string, { subscription = azure.subscription } = {}): string =>
  `/subscriptions/${subscription}/resourceGroups/rg-image-builds/providers/Microsoft.Compute/images/${name}`;

/** The file of an image that is built from something else than the marketplace; `source` as YAML. */
export const childFile = (source: string, { name = 'payments-base', os = 'Linux' } = {}): string => `name: ${name}
title: Base of the payments team
os: ${os}
source: ${source}
imageDefinition: ${name}
customize:
  - type: ${os === 'Linux' ? 'Shell' : 'PowerShell'}
    name: role
    inline: ['${os === 'Linux' ? 'echo payments | sudo tee /etc/role > /dev/null' : "Set-Content C:\\\\role.txt 'payments'"}']
regions:
  - name: West Europe
approval:
  group: b0bb1e50-0000-4000-8000-000000000002
  groupName: goldbot-approvers
  channel: Image Factory / approvals
`;

/** The example catalogue and one more image, built from this source. */
export function childCatalogue(source: string, more: Parameters<typeof childFile>[1] = {}): Catalogue {
  const parsed = parseCatalogue([
    ...exampleFiles(),
    { path: `images/${more.name ?? 'payments-base'}.yaml`, text: childFile(source, more) },
  ]);
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems));
  return parsed.catalogue;
}

export function imageNamed(catalogue: Catalogue, name = 'payments-base'): ImageConfig {
  const found = catalogue.images.find((image) => image.name === name);
  if (!found) throw new Error(`no image ${name}`);
  return found;
}

/** Its definition in the gallery of the catalogue; made by Azure's own verb. */
export async function define(
  sandbox: Sandbox,
  catalogue: Catalogue,
  image: ImageConfig,
  more: object = {},
): Promise<void> {
  const properties = {
    ...{ osType: image.os, osState: 'Generalized', hyperVGeneration: 'V2', ...more },
    identifier: { publisher: 'golden', offer: image.name, sku: image.imageDefinition },
  };
  const url = `${definitionId(imageRef(catalogue.azure, image))}?api-version=2023-07-03`;
  const { status } = await ask(sandbox, 'PUT', url, { location: catalogue.azure.location, properties });
  if (status >= 300) throw new Error(`the definition was refused with ${status}`);
}
