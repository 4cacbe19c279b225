import {
  checkCompose,
  checkCopy,
  checkDelete,
  checkGet,
  checkPut,
  checkStat,
} from '../check-request.ts'
import { unsupported } from '../storage-errors.ts'
import type { StorageProvider } from '../storage-provider.ts'
import { composeInS3 } from './s3-compose.ts'
import { copyInS3 } from './s3-copy.ts'
import { deleteFromS3 } from './s3-delete.ts'
import { downloadFromS3 } from './s3-download.ts'
import { getFromS3 } from './s3-get.ts'
import { listS3 } from './s3-list.ts'
import { MIN_PART_BYTES } from './s3-multipart.ts'
import { openBucket, type S3StorageProviderOptions } from './s3-options.ts'
import { putToS3 } from './s3-put.ts'
import { signS3Url } from './s3-sign.ts'
import { headS3 } from './s3-stat.ts'

/** Objects in a bucket of Amazon S3, or of a server that speaks its protocol. */
export function createS3StorageProvider(options: S3StorageProviderOptions): StorageProvider {
  const bucket = openBucket(options)
  const conditionalDeletes = options.conditionalDeletes ?? false
  return {
    capabilities: {
      conditionalWrites: true,
      conditionalDeletes,
      compose: { minPartBytes: MIN_PART_BYTES },
      signedUrls: ['GET', 'PUT', 'POST'],
    },
    put: async (request) => {
      checkPut(request)
      return putToS3(bucket, request)
    },
    get: async (request) => {
      checkGet(request)
      return getFromS3(bucket, request)
    },
    stat: async (request) => {
      checkStat(request)
      return (await headS3(bucket, request))?.stat ?? null
    },
    delete: async (request) => {
      checkDelete(request)
      if (request.ifMatch !== undefined && !conditionalDeletes) {
        throw unsupported(
          'delete with ifMatch',
          'set conditionalDeletes if your storage honours it.',
        )
      }
      await deleteFromS3(bucket, request)
    },
    list: (request = {}) => listS3(bucket, request),
    copy: async (request) => {
      checkCopy(request)
      return copyInS3(bucket, request)
    },
    compose: async (request) => {
      checkCompose(request)
      return composeInS3(bucket, request)
    },
    signUrl: async (request) => signS3Url(bucket, request),
    download: async (request) => downloadFromS3(bucket, request),
  }
}
