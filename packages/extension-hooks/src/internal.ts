// What the doors share, in one file: the build puts all of it into dist/internal.js. Not a door itself.
export { CallQueue } from './call-queue.ts'
export { startReport } from './call-report.ts'
export { containUncaughtErrors } from './contain-uncaught-errors.ts'
export { defineExtension } from './define-extension.ts'
export { findMember } from './find-function.ts'
export {
  changeEdition,
  exportPages,
  formInit,
  importPage,
  initChild,
  ping,
  postAggregate,
  postMap,
  postResponseMap,
  postSubmit,
  preMap,
  preSave,
  preSavePage,
  step,
  update,
} from './hook-builders.ts'
export { findCalledFunction } from './hook-call.ts'
export { currentHookContext } from './hook-context.ts'
export { hookDefinitionOf } from './hook-definition.ts'
export { toHookError } from './hook-error.ts'
export { createHookHost, hostOf } from './hook-host.ts'
export { atLeast, resolveHostOptions } from './hook-host-options.ts'
export { extensionOf } from './load-extension.ts'
export { fail, keep, skip } from './record-outcome.ts'
