import { z } from 'zod'
import { templateMapSchema, templateSchema } from './text-schema.ts'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** The verbs a declared request may use. */
export const httpMethodSchema = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])

/** What a ping's answer must look like besides its status. */
export const expectationSchema = z.strictObject({
  status: z.array(z.int().min(100).max(599)).min(1).optional().meta({
    description: 'Statuses that mean success. Default: every 2xx.',
  }),
  path: z.string().min(1).optional().meta({
    description: 'Dotted path into the JSON answer, e.g. `data.0.id`.',
  }),
  equals: scalar
    .optional()
    .meta({ description: 'What stands at `path`, compared as text. Default: anything but null.' }),
})

/** The request that tells whether the credentials work. Exactly one of `method_name` and `path`. */
export const pingRequestSchema = z
  .strictObject({
    method_name: z.string().min(1).optional().meta({
      description: "Path under the base URI, e.g. `/users/me` (the document's own name for it).",
    }),
    path: z.string().min(1).optional().meta({ description: 'The same as `method_name`.' }),
    params: z.record(z.string(), scalar).optional().meta({ description: 'Query parameters.' }),
    http_method: httpMethodSchema.optional().meta({ description: 'Default GET.' }),
    headers: templateMapSchema.optional(),
    body: z.unknown().optional().meta({ description: 'Sent as JSON.' }),
    base_uri: templateSchema.optional().meta({
      description: "Another base than the environment's.",
    }),
    expect: expectationSchema.optional(),
  })
  .meta({ id: 'PingRequest' })
