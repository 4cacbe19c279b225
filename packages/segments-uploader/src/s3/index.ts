export { createS3SegmentTarget, type S3SegmentTargetOptions } from './s3-segment-target.ts'
export { createS3SegmentsUploader, type S3SegmentsUploaderOptions } from './s3-segments-uploader.ts'
export {
  type ParsedSegmentsConfig,
  parseSegmentsConfig,
  type SegmentsConfig,
  segmentsConfigSchema,
} from './segments-config.ts'
