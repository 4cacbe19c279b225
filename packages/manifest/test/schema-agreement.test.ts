import { readFileSync } from 'node:fs'
import { appManifestSchema } from '@mortise/manifest/zod'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'
import { appManifestJsonSchema } from '../src/json-schema.ts'
import { checkSchema } from '../src/schema-check.ts'
import { jsonSchemas } from '../src/zod/json-schemas.ts'
import { documentedText } from './sample-documents.ts'

const ajv = new Ajv2020({ strict: false }).compile(appManifestJsonSchema)
const EXAMPLES = [
  'asana',
  'google-contacts',
  'zendesk',
  'agendor',
  'magento',
  'paypal',
  'jira',
  'everything',
].map((name) => JSON.parse(documentedText(name)))

/** Every way to say whether a document has the right shape. */
function verdicts(document: unknown) {
  return {
    zod: appManifestSchema.safeParse(document).success,
    ajv: ajv(document),
    ours: checkSchema(appManifestJsonSchema, document).length === 0,
  }
}

describe('the shipped JSON Schema', () => {
  it('is what the zod schemas say', () => {
    for (const [name, schema] of Object.entries(jsonSchemas())) {
      const shipped = readFileSync(
        new URL(`../schemas/${name}.schema.json`, import.meta.url),
        'utf8',
      )
      expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(schema)))
    }
  })

  it('has a versioned $id', () => {
    expect(jsonSchemas()['app-manifest']).toMatchObject({ $id: 'urn:mortise:app-manifest:v1' })
  })

  it.each(EXAMPLES)('accepts $name as zod, ajv and parseManifest do', (document) => {
    expect(verdicts(document)).toEqual({ zod: true, ajv: true, ours: true })
  })

  it('agrees with zod and ajv on documents that are broken somewhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EXAMPLES),
        fc.nat(),
        fc.jsonValue(),
        fc.constantFrom('set', 'remove', 'add'),
        (example, at, value, how) => {
          const document = structuredClone(example)
          const places = [...placesIn(document)]
          const place = places[at % places.length]
          if (!place) return
          const [parent, key] = place
          if (how === 'remove') delete parent[key]
          else if (how === 'set') parent[key] = value
          else if (Array.isArray(parent)) parent.push(value)
          else parent.surprise = value
          const { zod, ajv: byAjv, ours } = verdicts(document)
          expect({ byAjv, ours }).toEqual({ byAjv: zod, ours: zod })
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('agrees on anything at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        const { zod, ajv: byAjv, ours } = verdicts(document)
        expect({ byAjv, ours }).toEqual({ byAjv: zod, ours: zod })
      }),
    )
  })
})

// biome-ignore lint/suspicious/noExplicitAny: documents are bent in every way
function* placesIn(value: any): Generator<[any, string]> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    yield [value, key]
    yield* placesIn(value[key])
  }
}
