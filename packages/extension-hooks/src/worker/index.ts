export type { WorkerHookHostOptions } from './worker-host.ts'
export { createWorkerHookHost } from './worker-host.ts'
