import { z } from 'zod';
import { galleryVersionId, line, managedImageId, subnetId, tags } from '../fields';
import { templateCheck, templateStep } from '../steps';

/** What goldbot takes over from an image template: Azure's own names (imageTemplates, 2019-05-01-preview … 2025-10-01). */

const platformImage = z.strictObject({
  type: z.literal('PlatformImage'),
  publisher: line,
  offer: line,
  sku: line,
  version: line.optional(),
  exactVersion: z.string().optional(),
  planInfo: z.strictObject({ planName: line, planProduct: line, planPublisher: line }).optional(),
});

const sharedImageVersion = z.strictObject({
  type: z.literal('SharedImageVersion'),
  imageVersionId: galleryVersionId,
  exactVersion: z.string().optional(),
});

const managedImage = z.strictObject({
  type: z.literal('ManagedImage'),
  imageId: managedImageId,
});

const source = z.discriminatedUnion('type', [platformImage, sharedImageVersion, managedImage], {
  error: ({ code }) =>
    code === 'invalid_union' ? 'Azure refuses it (BadSourceType): there is no source of this type' : undefined,
});

const vmProfile = z.strictObject({
  vmSize: line.optional(),
  osDiskSizeGB: z.int().min(0).max(4_095).optional(),
  vnetConfig: z
    .strictObject({
      subnetId: subnetId.optional(),
      containerInstanceSubnetId: subnetId.optional(),
      proxyVmSize: z.string().optional(),
    })
    .optional(),
});

/** `properties` of the template, without what goldbot replaces. */
export const templateProperties = z.strictObject({
  source,
  customize: z.array(templateStep).default([]),
  validate: z
    .strictObject({
      continueDistributeOnFailure: z.boolean().optional(),
      sourceValidationOnly: z.boolean().optional(),
      inVMValidations: z.array(templateCheck).default([]),
    })
    .optional(),
  vmProfile: vmProfile.optional(),
  /** Image Builder takes 0 for four hours; builds of less than six minutes end before they begin. */
  buildTimeoutInMinutes: z
    .int()
    .refine((n) => n === 0 || (n >= 6 && n <= 960), 'must be 0 or 6 to 960')
    .optional(),
  managedResourceTags: tags.optional(),
});

export type TemplateProperties = z.output<typeof templateProperties>;

/** Members of `properties` that goldbot sets itself: outputs, staging group, when to build, what to do on an error. */
export const replaced = ['distribute', 'stagingResourceGroup', 'autoRun', 'errorHandling'] as const;
