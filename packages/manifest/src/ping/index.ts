export type { PingFailureReason } from './ping-failure.ts'
export type { Ping, PingEvent, PingModule, PingPlatform } from './ping-function.ts'
export type { PingResult, RunPingOptions } from './run-ping.ts'
export { runPing } from './run-ping.ts'
