export {
  createLocalSegmentsUploader,
  type LocalDiagnostic,
  type LocalSegmentsUploader,
  type LocalSegmentsUploaderOptions,
} from './local-segments-uploader.ts'
