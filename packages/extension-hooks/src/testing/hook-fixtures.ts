import type {
  ChangeEditionInput,
  ExportInput,
  FormInitInput,
  ImportInput,
  InitChildInput,
  PingInput,
  PostAggregateInput,
  PostMapInput,
  PostResponseMapInput,
  PostSubmitInput,
  PreMapInput,
  PreSaveInput,
  PreSavePageInput,
  StepInput,
  UpdateInput,
} from '../hook-inputs.ts'

/** The input of every kind. */
export interface HookInputs {
  preSavePage: PreSavePageInput
  preMap: PreMapInput
  postMap: PostMapInput
  postSubmit: PostSubmitInput
  postResponseMap: PostResponseMapInput
  postAggregate: PostAggregateInput
  formInit: FormInitInput
  preSave: PreSaveInput
  step: StepInput
  initChild: InitChildInput
  update: UpdateInput
  changeEdition: ChangeEditionInput
  ping: PingInput
  export: ExportInput
  import: ImportInput
}

const flow = {
  bearerToken: 'one-time-token',
  _integrationId: '5f0c1d7be2a94c6d8b3e0001',
  _flowId: '5f0c1d7be2a94c6d8b3e0002',
  _connectionId: '5f0c1d7be2a94c6d8b3e0003',
  settings: {},
}
const importing = { ...flow, _importId: '5f0c1d7be2a94c6d8b3e0004' }
const exporting = { ...flow, _exportId: '5f0c1d7be2a94c6d8b3e0005' }
const connection = {
  _id: '5f0c1d7be2a94c6d8b3e0003',
  encrypted: { token: 'secret' },
  unencrypted: { region: 'eu' },
}
const records = () => [
  { id: '1', total: 9.5 },
  { id: '2', total: 0 },
]

// Written after the field lists of the public documentation; no recorded payload is among them.
const fixtures = {
  preSavePage: () => ({ ...exporting, data: records(), errors: [], retryData: {}, pageIndex: 0 }),
  preMap: () => ({ ...importing, data: records() }),
  postMap: () => ({ ...importing, preMapData: records(), postMapData: records() }),
  postSubmit: () => ({
    ...importing,
    preMapData: records(),
    postMapData: records(),
    responseData: [
      { statusCode: 200, errors: [], ignored: false, id: '1', _json: { id: '1' } },
      {
        statusCode: 422,
        errors: [{ code: 'invalid', message: 'total is missing', source: 'application' }],
        ignored: false,
      },
    ],
  }),
  postResponseMap: () => ({
    ...importing,
    postResponseMapData: records(),
    responseData: [
      { statusCode: 200, id: '1' },
      { statusCode: 200, id: '2' },
    ],
    oneToMany: false,
  }),
  postAggregate: () => ({
    ...importing,
    postAggregateData: { success: true, _json: { fileName: 'orders.csv' } },
  }),
  formInit: () => ({
    ...flow,
    resource: { settingsForm: { form: { fieldMap: {} } } },
    license: {},
  }),
  preSave: () => ({ ...flow, newResource: { name: 'new' }, oldResource: { name: 'old' } }),
  step: () => ({ ...flow, formSubmission: { answer: 42 }, resource: {}, license: {} }),
  initChild: () => ({ ...flow, parentIntegration: { name: 'parent' }, parentLicense: {} }),
  update: () => ({ ...flow, resource: { version: '1.1.0' }, license: {} }),
  changeEdition: () => ({
    ...flow,
    fromEdition: 'standard',
    toEdition: 'premium',
    integration: {},
    license: {},
  }),
  ping: () => ({ ...flow, connection }),
  export: () => ({ ...exporting, connection, type: 'all', configuration: {} }),
  import: () => ({
    ...importing,
    connection,
    preMapData: records(),
    postMapData: records(),
    configuration: {},
  }),
} satisfies { readonly [K in keyof HookInputs]: () => HookInputs[K] }

/** A complete input of a kind: two records of `{ id, total }` where it has records, with your own fields over them. */
export type HookFixture<K extends keyof HookInputs, TFields = Record<never, never>> = Omit<
  ReturnType<(typeof fixtures)[K]>,
  keyof TFields
> &
  TFields

/**
 * A complete input of a kind, as the platform's documentation describes it, with your own fields over it. Your
 * fields keep their types, so that it fits a function of your records: `hookFixture('preMap', { data: orders })`.
 */
export function hookFixture<
  K extends keyof HookInputs,
  TFields extends Partial<HookInputs[K]> = Record<never, never>,
>(
  kind: K,
  fields?: TFields & Readonly<Record<Exclude<keyof TFields, keyof HookInputs[K]>, never>>,
): HookFixture<K, TFields>
export function hookFixture(kind: keyof HookInputs, fields?: object): object {
  return { ...fixtures[kind](), ...fields }
}
