import type { SegmentTarget } from '@mortise/segments-uploader'
import type { StoreAccess } from './task.ts'

/** Where the writers of a soak write, and what happens to it. */
export interface SoakStore {
  readonly access: StoreAccess
  /** The same store, with nothing in between. */
  readonly target: SegmentTarget
  /** The daily file as a reader sees it now; `undefined` while there is none. Rejects when the store is away. */
  readonly read: (key: string) => Promise<string | undefined>
  /** Takes the store away for a while. */
  readonly outage: () => Promise<void>
  /** What happened so far, by name. */
  readonly faults: () => Readonly<Record<string, number>>
  readonly remove: () => Promise<void>
}
