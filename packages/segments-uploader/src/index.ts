export type { Compaction } from './compactor.ts'
export { type FileReport, inspectDay } from './inspect-day.ts'
export type { Profile } from './profile.ts'
export type {
  SegmentCompose,
  SegmentContent,
  SegmentGet,
  SegmentListEntry,
  SegmentObject,
  SegmentPart,
  SegmentPut,
  SegmentRange,
  SegmentRequest,
  SegmentTarget,
  SegmentTargetCapabilities,
  SegmentVersion,
} from './segment-target.ts'
export { createSegmentsCompactor, type SegmentsCompactor } from './segments-compactor.ts'
export { SEGMENTS_CODES } from './segments-errors.ts'
export { segmentsFileName } from './segments-file-name.ts'
export {
  createSegmentsUploader,
  type RunResult,
  type SegmentsUploader,
  type UploadOptions,
  type UploadReceipt,
} from './segments-uploader.ts'
export type { SegmentsDiagnostic, SegmentsUploaderOptions } from './uploader-options.ts'
