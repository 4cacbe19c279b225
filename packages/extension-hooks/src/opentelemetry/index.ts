export type { InstrumentOptions } from './instrument-host.ts'
export { instrumentHookHost } from './instrument-host.ts'
