import type { ImageTemplate, Trigger } from '@azure/arm-imagebuilder';
import type { AzureRead, ForeignTemplate, SourceTrigger } from '../../core/azure';
import { versionTags } from '../../core/images';
import { type ReadContext, scrub, unlessMissing } from '../azure';

/** Source triggers of Image Builder: they run templates again when the source is renewed. goldbot makes none. */
export function triggerRead(azure: ReadContext): Pick<AzureRead, 'foreignTemplates' | 'triggers'> {
  return {
    /**
     * The templates of a subscription that goldbot did not make and that can have a source trigger: their source is at
     * latest. Seconds; one call a page.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/providers/Microsoft.VirtualMachineImages/imageTemplates
     */
    foreignTemplates: (subscription) =>
      azure.ask('listing the image templates', async () => {
        const found: ForeignTemplate[] = [];
        for await (const template of azure.imageBuilder(subscription).virtualMachineImageTemplates.list()) {
          if (template.tags?.[versionTags.run] === undefined && isAtLatest(template)) found.push(foreign(template));
        }
        return found;
      }),

    /**
     * The triggers of a template, with what Image Builder says of their health; none when the template is gone.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates/{name}/triggers
     */
    triggers: ({ subscription, resourceGroup }, template) =>
      azure.ask(`asking for the triggers of “${template}”`, async () => {
        const list = async () => {
          const found: SourceTrigger[] = [];
          const pages = azure.imageBuilder(subscription).triggers.listByImageTemplate(resourceGroup, template);
          for await (const trigger of pages) found.push(triggerOf(trigger));
          return found;
        };
        return (await unlessMissing(list())) ?? [];
      }),
  };
}

/** Documented: the source of a template with a trigger is a marketplace or gallery image at latest. */
function isAtLatest({ source }: ImageTemplate): boolean {
  const { type, version, imageVersionId } = source as typeof source & { version?: string; imageVersionId?: string };
  if (type === 'PlatformImage') return (version ?? 'latest').toLowerCase() === 'latest';
  return type === 'SharedImageVersion' && /\/versions\/latest$/i.test(imageVersionId ?? '');
}

function foreign({ id = '', name = '', distribute, lastRunStatus: run }: ImageTemplate): ForeignTemplate {
  const outputs = (distribute ?? []) as readonly {
    readonly galleryImageId?: string;
    readonly excludeFromLatest?: boolean;
  }[];
  // Image Builder writes the year 1 for a run that has not ended.
  const endedAt = run?.endTime && run.endTime.getUTCFullYear() > 1 ? run.endTime : run?.startTime;
  return {
    id,
    name,
    targets: outputs.flatMap(({ galleryImageId: definition, excludeFromLatest }) =>
      definition === undefined ? [] : [{ definition, excludedFromLatest: excludeFromLatest === true }],
    ),
    ...(run?.runState && { lastRun: { state: run.runState, ...(endedAt && { at: endedAt }) } }),
  };
}

function triggerOf({ name = '', properties }: Trigger): SourceTrigger {
  const { kind = '', status } = properties ?? {};
  return {
    name,
    kind,
    ...(status?.code !== undefined && { health: status.code }),
    ...(status?.message !== undefined && { message: scrub(status.message) }),
    ...(status?.time && { at: status.time }),
  };
}
