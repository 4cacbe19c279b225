import type { HookKind } from '../hook-kind.ts'

/** What only the input of one kind has. Checked in order: later kinds lack the members of earlier ones. */
const signs: readonly (readonly [HookKind, (options: object) => boolean])[] = [
  ['postResponseMap', (options) => 'postResponseMapData' in options],
  ['postSubmit', (options) => 'responseData' in options],
  ['postAggregate', (options) => 'postAggregateData' in options],
  ['import', (options) => 'postMapData' in options && 'connection' in options],
  ['postMap', (options) => 'postMapData' in options],
  ['preSave', (options) => 'newResource' in options],
  ['initChild', (options) => 'parentIntegration' in options],
  ['changeEdition', (options) => 'fromEdition' in options],
  [
    'preSavePage',
    (options) => 'pageIndex' in options || ('data' in options && 'retryData' in options),
  ],
  [
    'export',
    (options) =>
      'connection' in options &&
      ('type' in options || 'state' in options || 'configuration' in options),
  ],
  ['ping', (options) => 'connection' in options],
  ['preMap', (options) => 'data' in options && '_importId' in options],
]

/** The kind of function that a captured input was meant for; `undefined` where several fit. */
export function inferKind(options: unknown): HookKind | undefined {
  if (typeof options !== 'object' || options === null) return undefined
  return signs.find(([, matches]) => matches(options))?.[0]
}
