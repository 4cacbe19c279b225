export { checkRange, type ResolvedRange, resolveRange } from '../byte-range.ts'
export {
  checkCompose,
  checkCopy,
  checkDelete,
  checkGet,
  checkPut,
  checkSignUrl,
  checkStat,
  mediaTypeOf,
} from '../check-request.ts'
export { checkDownload, checkSizeLimit } from '../download-object.ts'
export { checkList, compareKeys, foldKey, listKeys } from '../list-keys.ts'
export { type ReadBodyOptions, readBody } from '../read-body.ts'
export { urlSigner } from '../signed-urls.ts'
export {
  notModified,
  objectNotFound,
  preconditionFailed,
  storageError,
  throwIfAborted,
  unsupported,
} from '../storage-errors.ts'
