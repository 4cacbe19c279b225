import { z } from 'zod'
import { localizedTextSchema } from './text-schema.ts'

/** A dotted path into a record: `customer.address.zip`. Lists cannot be addressed. */
const keySchema = z
  .string()
  .regex(/^[^.[\]\s]+(\.[^.[\]\s]+)*$/)
  .meta({ description: 'Dotted path into the record; lists cannot be addressed.' })

/** A property that a trigger's records have. */
export const triggerFieldSchema = z
  .strictObject({
    key: keySchema,
    name: localizedTextSchema,
    description: localizedTextSchema.optional(),
    field_type: z.enum(['string', 'integer', 'decimal', 'datetime']),
  })
  .meta({ id: 'TriggerField' })

/** `meta.json` of a trigger. */
export const triggerMetaSchema = z.strictObject({
  $schema: z.string().optional(),
  name: localizedTextSchema,
  description: localizedTextSchema,
  trigger_type: z.enum(['polling', 'webhook', 'rest_hook']),
  trigger_fields: z.strictObject({
    type: z.enum(['local', 'remote']),
    fields: z.array(triggerFieldSchema).optional(),
  }),
  idempotent: z
    .array(keySchema)
    .min(1)
    .meta({ description: 'Paths that together identify a record.' }),
  trigger_rest_hook: z.boolean().optional(),
  trigger_custom_fields: z.boolean().optional(),
  trigger_remote_fields: z.boolean().optional(),
  trigger_sample_data: z.boolean().optional(),
  webhook: z
    .strictObject({
      message_type: z.enum(['object', 'list']),
      event_filter: z
        .strictObject({ field: z.string().min(1), events: z.array(z.string()).min(1) })
        .optional(),
    })
    .optional(),
})

/** One entry of a fixed list. */
const listEntrySchema = z.strictObject({
  label: localizedTextSchema,
  value: z.union([z.string(), z.number(), z.boolean()]),
})

/** Where a dropdown's entries come from. */
export const actionListSchema = z
  .strictObject({
    type: z.enum(['local', 'remote']),
    data: z.array(listEntrySchema).optional().meta({ description: 'With `local`: the entries.' }),
    helper_method: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'With `remote`: the folder of the helper.' }),
  })
  .meta({ id: 'ActionList' })

/** One input of an action. */
export const actionFieldSchema = z
  .strictObject({
    key: keySchema,
    name: localizedTextSchema,
    description: localizedTextSchema.optional(),
    required: z.boolean().optional(),
    advanced: z.boolean().optional(),
    field_type: z.enum([
      'string',
      'custom',
      'custom_decimal',
      'custom_integer',
      'custom_textarea',
      'dropdown',
    ]),
    data_type: z.enum(['string', 'integer', 'decimal', 'datetime', 'boolean']).optional(),
    date_format: z.string().min(1).optional().meta({ description: 'strftime, e.g. `%Y-%m-%d`.' }),
    list: actionListSchema.optional(),
    dropdown_multiple: z.boolean().optional(),
    custom: z.boolean().optional(),
  })
  .meta({ id: 'ActionField' })

/** `meta.json` of an action. */
export const actionMetaSchema = z.strictObject({
  $schema: z.string().optional(),
  name: localizedTextSchema,
  description: localizedTextSchema,
  action_fields: z.strictObject({
    type: z.enum(['local', 'remote']).optional(),
    fields: z.array(actionFieldSchema).optional(),
  }),
  action_custom_fields: z.boolean().optional(),
  action_remote_fields: z.boolean().optional(),
})

/** `meta.json` of a helper method. */
export const helperMetaSchema = z.strictObject({
  $schema: z.string().optional(),
  name: localizedTextSchema,
})
