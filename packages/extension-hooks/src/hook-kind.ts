/**
 * The fifteen functions an integration platform calls. The request never says which of them it means,
 * so a function carries its kind as a tag, set by the builder of the same name.
 *
 * @see https://github.com/celigo/integrator-extension#extension-functions
 */
export type HookKind =
  | 'preSavePage'
  | 'preMap'
  | 'postMap'
  | 'postSubmit'
  | 'postResponseMap'
  | 'postAggregate'
  | 'formInit'
  | 'preSave'
  | 'step'
  | 'initChild'
  | 'update'
  | 'changeEdition'
  | 'ping'
  | 'export'
  | 'import'

/** Kinds that answer one element a record, and therefore can run one record at a time. */
export type PageHookKind =
  | 'preSavePage'
  | 'preMap'
  | 'postMap'
  | 'postSubmit'
  | 'postResponseMap'
  | 'import'
