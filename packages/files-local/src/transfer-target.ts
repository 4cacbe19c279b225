import type { Exchange } from './exchange.ts'
import type { Partial } from './partial-file.ts'
import type { ChunkConsumer } from './response-receiver.ts'

/** Where the bytes of a transfer go. */
export interface TransferTarget {
  /** A body starts at its first byte; what came of an earlier attempt is to be forgotten. */
  begin(exchange: Exchange): void | Promise<void>
  write: ChunkConsumer
  /** The body is complete. */
  end(): void | Promise<void>
  /** What is there before the first attempt. */
  readonly start?: Partial | undefined
  /** The first answer goes on with what was there. */
  goOn?(exchange: Exchange, offset: number): void | Promise<void>
  /** Whether what has been taken can be forgotten. */
  canBeginAgain(): boolean
}
