export type { LocalDiagnostic } from './local-diagnostic.ts'
export {
  createLocalSegmentsUploader,
  type LocalSegmentsUploader,
  type LocalSegmentsUploaderOptions,
} from './local-segments-uploader.ts'
