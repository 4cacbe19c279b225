import { z } from 'zod'
import { authenticationSchema } from './authentication-schema.ts'
import { localeMapSchema, localizedTextSchema, templateSchema } from './text-schema.ts'

/** One place where the API lives: production, sandbox … */
export const environmentSchema = z
  .strictObject({
    uri: templateSchema.meta({
      description: 'Base of every call; may hold `{field}` placeholders.',
    }),
    label: localizedTextSchema,
    default: z.boolean().optional().meta({ description: 'true on exactly one environment.' }),
  })
  .meta({ id: 'Environment' })

/** The whole `app.json`. Rules between fields are not here: `parseManifest` checks them. */
export const appManifestSchema = z.strictObject({
  $schema: z.string().optional(),
  app_id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_]*$/)
    .meta({ description: 'Unique on the platform, usually the name in snake_case.' }),
  name: z.string().min(1).meta({ description: 'How the app is shown.' }),
  color: z
    .string()
    .regex(/^#[0-9A-Fa-f]{6}$/)
    .meta({ description: 'Hexadecimal, `#RRGGBB`.' }),
  description: localeMapSchema.meta({ description: '20 to 50 words in every language.' }),
  website: z.string().min(1),
  signup_url: z.string().min(1),
  api_base_uri: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), environmentSchema),
  authentication: authenticationSchema,
})
