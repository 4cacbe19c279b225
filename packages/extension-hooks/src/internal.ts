// What the doors share, in one file: the build makes it dist/index.js, so that a cold start opens one file less. Only
// what `index.ts` lists has types there; the rest is for the other doors.
export { CallQueue } from './call-queue.ts'
export { startReport } from './call-report.ts'
export { findMember } from './find-function.ts'
export { findCalledFunction } from './hook-call.ts'
export { hookDefinitionOf } from './hook-definition.ts'
export { toHookError } from './hook-error.ts'
export { hostOf } from './hook-host.ts'
export { atLeast, resolveHostOptions } from './hook-host-options.ts'
export * from './index.ts'
export { extensionOf } from './load-extension.ts'
