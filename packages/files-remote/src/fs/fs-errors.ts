import { type IntegrationError, isIntegrationError } from '@mortise/errors'
import { type StorageErrorCode, storageError } from '../storage-errors.ts'

/** What the file system calls a failure of the storage folder, and what we call it. */
const BY_SYSTEM_CODE: Readonly<Record<string, StorageErrorCode>> = {
  ENOSPC: 'FILES_REMOTE_DISK_FULL',
  EDQUOT: 'FILES_REMOTE_DISK_FULL',
  EACCES: 'FILES_REMOTE_PERMISSION_DENIED',
  EPERM: 'FILES_REMOTE_PERMISSION_DENIED',
  EROFS: 'FILES_REMOTE_READ_ONLY',
  EMFILE: 'FILES_REMOTE_UNAVAILABLE',
  ENFILE: 'FILES_REMOTE_UNAVAILABLE',
  EIO: 'FILES_REMOTE_UNAVAILABLE',
  ELOOP: 'FILES_REMOTE_REJECTED',
}

/** Maps whatever the file system threw to one of our errors; nothing foreign leaves the adapter. */
export function fromFsError(error: unknown, key: string): IntegrationError {
  if (isIntegrationError(error)) return error
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return storageError(
    BY_SYSTEM_CODE[code] ?? 'FILES_REMOTE_UNAVAILABLE',
    `The storage folder could not be used for the key "${key}" (${code}).`,
    { cause: error, details: { key, systemCode: code } },
  )
}

/** Whether a file or folder is not there. */
export function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
