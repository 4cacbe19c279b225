import type { SegmentsConfig } from '@mortise/segments-uploader/s3'

/** What a writer process is told. */
export interface WriterTask {
  name: string
  events: number
  callers: number
  /** The file that gets one line for each acknowledged event. */
  acknowledged: string
  config: SegmentsConfig
  delivery: 'direct' | 'journal'
  now: number
}
