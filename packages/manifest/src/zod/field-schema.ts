import { z } from 'zod'
import { localizedTextSchema } from './text-schema.ts'

/** The seed's two length rules; the number counts characters (code points) after trimming. */
export const validationSchema = z
  .strictObject({
    name: z.enum(['min_length', 'max_length']),
    value: z.int().min(0),
  })
  .meta({ description: 'A length rule, counted in characters after trimming.' })

/** One input of the connection form, and where its value goes in a request. */
export const fieldSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/)
      .meta({
        description: 'Lower case, `_` for spaces: the key in `event.auth`.',
      }),
    label: localizedTextSchema.meta({ description: 'What the form shows.' }),
    type: z.enum(['text', 'password', 'email', 'hidden']).meta({
      description:
        'The kind of input; `email` also validates, `hidden` always sends its `default`.',
    }),
    validations: z.array(validationSchema).optional(),
    mapping: z.string().min(1).optional().meta({
      description:
        'basic_auth: `username` or `password`; pass_through_header: the header; pass_through_query_string: the parameter (default: `name`).',
    }),
    prefix: z.string().optional().meta({
      description: 'pass_through_header: text before the value, separated by one space.',
    }),
    mapping_format: z.string().min(1).optional().meta({
      description: 'Template around the value instead of `prefix`, e.g. `Token token={value}`.',
    }),
    pattern: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Regular expression that the whole value matches.' }),
    enum: z.array(z.string()).min(1).optional().meta({ description: 'The only values allowed.' }),
    format: z
      .enum(['email', 'hostname', 'uri', 'uuid'])
      .optional()
      .meta({ description: 'A well-known form that the value has.' }),
    host_pattern: z.string().min(1).optional().meta({
      description: 'For a field inside a URL: hosts it may lead to, e.g. `*.zendesk.com`.',
    }),
    optional: z.boolean().optional().meta({ description: 'May be left empty. Default false.' }),
    default: z.string().optional().meta({ description: 'Used when the field is left empty.' }),
    secret: z.boolean().optional().meta({
      description: 'Default true, unless the field is used only inside a URL.',
    }),
    help: localizedTextSchema.optional().meta({ description: 'A sentence under the input.' }),
    placeholder: localizedTextSchema.optional(),
  })
  .meta({ id: 'Field' })
