import { z } from 'zod';

/** Fields that the catalogue and an image template have in common. */

export const line = z.string().trim().min(1, 'must not be empty').max(2_000).meta({ form: 'text' });

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
