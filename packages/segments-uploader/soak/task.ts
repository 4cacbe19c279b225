import type { SegmentsConfig } from '@mortise/segments-uploader/s3'
import type { FaultRates } from './faults.ts'

/** What a writer process is told. */
export interface WriterTask {
  name: string
  events: number
  callers: number
  /** The file that gets one line for each acknowledged event. */
  acknowledged: string
  access: StoreAccess
  delivery: 'direct' | 'journal'
  /** How far its clock goes ahead of the machine's. */
  aheadMs: number
}

/** How a writer process reaches the store. */
export type StoreAccess =
  | { kind: 's3'; config: SegmentsConfig }
  /** `module` makes a target of `folder`; what the proxy does to S3 happens in the writer itself. */
  | { kind: 'folder'; module: string; folder: string; rates: FaultRates }
