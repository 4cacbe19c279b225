import { type MetaKind, parseMeta } from '@mortise/manifest/meta'
import { actionMetaSchema, helperMetaSchema, triggerMetaSchema } from '@mortise/manifest/zod'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import './seed.ts'

const trigger = {
  name: { pt_BR: 'Novo lead', en: 'New lead' },
  description: 'A lead was created.',
  trigger_type: 'rest_hook',
  trigger_fields: {
    type: 'local',
    fields: [{ key: 'customer.address.zip', name: 'ZIP', field_type: 'string' }],
  },
  idempotent: ['id', 'updated_at'],
  trigger_sample_data: true,
  webhook: { message_type: 'list', event_filter: { field: 'event', events: ['lead.created'] } },
}
const action = {
  name: { pt_BR: 'Criar lead' },
  description: { pt_BR: 'Cria um lead.' },
  action_fields: {
    fields: [
      {
        key: 'due',
        name: 'Due',
        field_type: 'custom',
        data_type: 'datetime',
        date_format: '%Y-%m-%d',
      },
      {
        key: 'stage',
        name: 'Stage',
        field_type: 'dropdown',
        list: { type: 'remote', helper_method: 'stages' },
        dropdown_multiple: true,
      },
      {
        key: 'size',
        name: 'Size',
        field_type: 'dropdown',
        list: { type: 'local', data: [{ label: 'S', value: 1 }] },
      },
    ],
  },
}
const helper = { name: 'Stages' }
const EXAMPLES = { trigger, action, helper }

// biome-ignore lint/suspicious/noExplicitAny: documents are bent in every way
type Change = (document: any) => void

function codes(kind: MetaKind, change: Change): string[] {
  const document = structuredClone(EXAMPLES[kind])
  change(document)
  return parseMeta(kind, JSON.stringify(document, null, 2)).diagnostics.map(
    ({ code, path }) => `${code} ${path.join('.')}`,
  )
}

describe('parseMeta', () => {
  it.each(['trigger', 'action', 'helper'] as const)('reads the meta.json of a %s', (kind) => {
    expect(parseMeta(kind, JSON.stringify(EXAMPLES[kind]))).toEqual({
      ok: true,
      meta: EXAMPLES[kind],
      diagnostics: [],
    })
  })

  it.each<[MetaKind, Change, string]>([
    ['trigger', (d) => delete d.idempotent, 'MANIFEST_PROPERTY_MISSING idempotent'],
    [
      'trigger',
      (d) => {
        d.trigger_fields.fields[0].key = 'items[0].id'
      },
      'MANIFEST_VALUE_INVALID trigger_fields.fields.0.key',
    ],
    [
      'trigger',
      (d) => {
        d.trigger_fields.fields[0].field_type = 'date'
      },
      'MANIFEST_VALUE_INVALID trigger_fields.fields.0.field_type',
    ],
    [
      'trigger',
      (d) => d.trigger_fields.fields.push(d.trigger_fields.fields[0]),
      'MANIFEST_FIELD_DUPLICATE trigger_fields.fields.1.key',
    ],
    [
      'trigger',
      (d) => delete d.trigger_fields.fields,
      'MANIFEST_PROPERTY_MISSING trigger_fields.fields',
    ],
    [
      'trigger',
      (d) => {
        d.trigger_type = 'polling'
      },
      'MANIFEST_PROPERTY_CONFLICT webhook',
    ],
    [
      'action',
      (d) => delete d.action_fields.fields[1].list,
      'MANIFEST_PROPERTY_MISSING action_fields.fields.1.list',
    ],
    [
      'action',
      (d) => delete d.action_fields.fields[1].list.helper_method,
      'MANIFEST_PROPERTY_MISSING action_fields.fields.1.list.helper_method',
    ],
    [
      'action',
      (d) => delete d.action_fields.fields[2].list.data,
      'MANIFEST_PROPERTY_MISSING action_fields.fields.2.list.data',
    ],
    [
      'action',
      (d) => {
        d.action_fields.fields[1].list.helper_method = 'taskTypes'
      },
      'MANIFEST_HELPER_NAME action_fields.fields.1.list.helper_method',
    ],
    [
      'action',
      (d) => {
        d.action_fields.fields[0].dropdown_multiple = true
      },
      'MANIFEST_PROPERTY_CONFLICT action_fields.fields.0.dropdown_multiple',
    ],
    [
      'action',
      (d) => {
        d.action_fields.fields[0].data_type = 'string'
      },
      'MANIFEST_PROPERTY_CONFLICT action_fields.fields.0.date_format',
    ],
    [
      'helper',
      (d) => {
        d.nmae = d.name
        delete d.name
      },
      'MANIFEST_PROPERTY_UNKNOWN nmae',
    ],
  ])('a bent %s, case %#, is reported', (kind, change, code) => {
    expect(codes(kind, change)).toContain(code)
  })

  it('has lines and columns, and fixes', () => {
    const { diagnostics } = parseMeta('helper', '{\n  "nmae": "x"\n}')
    const unknown = diagnostics.find(({ code }) => code === 'MANIFEST_PROPERTY_UNKNOWN')
    expect(unknown).toMatchObject({ line: 2, column: 3, fix: { edits: [{ text: '"name"' }] } })
  })

  it('agrees with the zod schemas and never throws', () => {
    const schemas = {
      trigger: triggerMetaSchema,
      action: actionMetaSchema,
      helper: helperMetaSchema,
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(schemas) as MetaKind[])),
        fc.jsonValue(),
        fc.constantFrom('name', 'description', 'trigger_fields', 'action_fields'),
        (kind, value, key) => {
          for (const document of [value, { ...EXAMPLES[kind], [key]: value }]) {
            const parsed = parseMeta(kind, JSON.stringify(document))
            if (parsed.ok) expect(schemas[kind].safeParse(document).success).toBe(true)
            else if (
              parsed.diagnostics.every(({ code }) => /UNKNOWN|TYPE|VALUE_INVALID/.test(code))
            )
              expect(schemas[kind].safeParse(document).success).toBe(false)
          }
        },
      ),
    )
  })

  it('an unknown kind is the caller’s mistake', () => {
    expect(() => parseMeta('plugin' as 'helper', '{}')).toThrow(/kind/)
  })
})
