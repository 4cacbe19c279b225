import { TransientError } from '@mortise/errors'
import type { StorageProvider } from '@mortise/files-remote'

/** A storage whose disk can be filled up for the next writes. */
export interface FullDisk {
  decorate: (storage: StorageProvider) => StorageProvider
  /** The next `writes` find no room. */
  fillFor: (writes: number) => void
  /** How many writes will still find no room. */
  left: () => number
}

/** Stands before any storage and fails as a full disk does. */
export function createFullDisk(): FullDisk {
  let left = 0
  return {
    fillFor: (writes) => {
      left = writes
    },
    left: () => left,
    decorate: (storage) => ({
      ...storage,
      put: async (request) => {
        if (left <= 0 || !request.key.startsWith('inbox/')) return await storage.put(request)
        left -= 1
        throw new TransientError('No space left on the device', {
          code: 'FILES_REMOTE_DISK_FULL',
          outcome: 'rejected',
        })
      },
    }),
  }
}
