import { z } from 'zod';

/** The part of Adaptive Cards 1.5 that goldbot uses and Teams draws everywhere. Unknown properties are mistakes. */

const spacing = z.enum(['None', 'Small', 'Default', 'Medium', 'Large']).optional();
const color = z.enum(['Default', 'Good', 'Attention', 'Accent']).optional();
const weight = z.enum(['Default', 'Bolder']).optional();
const size = z.enum(['Small', 'Default', 'Large']).optional();
const fontType = z.literal('Monospace').optional();

const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string(),
  wrap: z.literal(true).optional(),
  isSubtle: z.boolean().optional(),
  horizontalAlignment: z.literal('Right').optional(),
  style: z.literal('heading').optional(),
  spacing,
  color,
  weight,
  size,
  fontType,
});

const textRun = z.strictObject({ type: z.literal('TextRun'), text: z.string().min(1), weight, size, fontType });
const richTextBlock = z.strictObject({ type: z.literal('RichTextBlock'), spacing, inlines: z.array(textRun).min(1) });

const factSet = z.strictObject({
  type: z.literal('FactSet'),
  spacing,
  facts: z.array(z.strictObject({ title: z.string().min(1), value: z.string().min(1) })).min(1),
});

const inputBase = {
  id: z.string().regex(/^[a-z][a-z0-9-]*$/i),
  label: z.string().min(1).optional(),
  value: z.string().optional(),
  isRequired: z.boolean(),
  errorMessage: z.string().min(1).optional(),
  placeholder: z.string().min(1).optional(),
};
const input = z.discriminatedUnion('type', [
  z.strictObject({ ...inputBase, type: z.literal('Input.Text'), isMultiline: z.boolean(), maxLength: z.number() }),
  z.strictObject({
    ...inputBase,
    type: z.literal('Input.ChoiceSet'),
    choices: z.array(z.strictObject({ title: z.string().min(1), value: z.string().min(1) })).min(1),
  }),
  z.strictObject({
    ...inputBase,
    type: z.literal('Input.Toggle'),
    title: z.string().min(1),
    valueOn: z.literal('true'),
    valueOff: z.literal('false'),
    wrap: z.literal(true),
  }),
  z.strictObject({ ...inputBase, type: z.literal('Input.Number') }),
  z.strictObject({ ...inputBase, type: z.literal('Input.Date') }),
]);

const element: z.ZodType = z.lazy(() =>
  z.union([textBlock, richTextBlock, factSet, input, container, columnSet, table] as const),
);

const container = z.strictObject({
  type: z.literal('Container'),
  style: z.enum(['good', 'warning', 'attention', 'emphasis']).optional(),
  separator: z.boolean().optional(),
  spacing,
  items: z.array(element).min(1),
});

const columnSet = z.strictObject({
  type: z.literal('ColumnSet'),
  spacing,
  columns: z
    .array(
      z.strictObject({
        type: z.literal('Column'),
        width: z.union([z.enum(['auto', 'stretch']), z.string().regex(/^\d+px$/)]),
        verticalContentAlignment: z.literal('Center').optional(),
        spacing,
        items: z.array(element).min(1),
      }),
    )
    .min(1),
});

const table = z.strictObject({
  type: z.literal('Table'),
  spacing,
  firstRowAsHeader: z.literal(true),
  showGridLines: z.literal(false),
  columns: z.array(z.strictObject({ width: z.number() })),
  rows: z.array(
    z.strictObject({
      type: z.literal('TableRow'),
      cells: z.array(z.strictObject({ type: z.literal('TableCell'), items: z.array(element).min(1) })),
    }),
  ),
});

const action = z.strictObject({
  type: z.literal('Action.Execute'),
  title: z.string().min(1).max(40),
  verb: z.string().regex(/^[a-z]+$/),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  style: z.enum(['default', 'positive', 'destructive']),
  associatedInputs: z.enum(['auto', 'none']),
});

/** Six buttons are what Teams shows in a row before it hides them. */
export const cardSubset = z.strictObject({
  $schema: z.string(),
  type: z.literal('AdaptiveCard'),
  version: z.literal('1.5'),
  fallbackText: z.string().min(1).max(500),
  msteams: z.strictObject({ width: z.literal('Full') }),
  body: z.array(element).min(1),
  actions: z.array(action).max(6),
});
