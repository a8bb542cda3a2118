import { z } from 'zod';
import { parseAzureId } from '../azure-id';

/** Fields that the catalogue and an image template have in common. */

export const line = z.string().trim().min(1, 'must not be empty').max(2_000).meta({ form: 'text' });

/** In lower case, so that ids are compared as they are. */
export const guid = z.guid('must be a GUID, as the Azure portal shows it').toLowerCase();

export const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter')
  .meta({ form: 'name' });

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be a SHA-256 in hex')
  .meta({ form: 'SHA-256' });

export const idOf = (type: string, what: string) =>
  z
    .string()
    .regex(
      new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type}/[^/]+$`, 'i'),
      `must be the id of ${what}`,
    )
    .meta({ form: 'resource id' });
export const subnetId = idOf('Microsoft\\.Network/virtualNetworks/[^/]+/subnets', 'a subnet');

/** What an image is built from becomes the value of a tag, which has 256 characters; an id is longer than that value. */
const sourceId = (pattern: RegExp, message: string) =>
  z
    .string()
    .regex(pattern, message)
    .refine((id) => parseAzureId(id) !== undefined, message)
    .refine((id) => id.length <= 300, 'must have at most 300 characters');

export const galleryVersionId = sourceId(
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/galleries\/[^/]+\/images\/[^/]+\/versions\/(\d+\.\d+\.\d+|latest)$/i,
  'must be the id of a gallery version: /subscriptions/…/galleries/…/images/…/versions/1.2.0, or …/versions/latest',
).meta({ form: 'gallery version id' });

export const managedImageId = sourceId(
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/images\/[^/]+$/i,
  'must be the id of a managed image',
).meta({ form: 'resource id' });

/** Tags of the company on what goldbot makes. Azure's limits; goldbot's own tags are not to be set. */
export const tags = z
  .record(
    z
      .string()
      .regex(
        /^(?!goldbot-)[^<>%&\\?/]{1,512}$/i,
        'must be a tag name without <>%&\\?/ that does not begin with goldbot-',
      ),
    z.string().max(256),
  )
  .refine((all) => Object.keys(all).length <= 40, 'must have at most 40 tags: Azure takes 50, and goldbot adds its own')
  .meta({ form: 'tag: value' });
