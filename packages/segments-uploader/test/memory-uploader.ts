import {
  createSegmentsUploader,
  type SegmentsDiagnostic,
  type SegmentsUploaderOptions,
} from '../src/index.ts'
import { createMemorySegmentTarget } from '../src/memory/index.ts'

export const NOON = Date.UTC(2026, 10, 21, 12)
export const KEY = '2026-11-21_segments.json'

/** An uploader over an empty store in memory, and what it leaves there and says. */
export function setUp(options: Partial<SegmentsUploaderOptions> = {}) {
  const target = createMemorySegmentTarget()
  const diagnostics: SegmentsDiagnostic[] = []
  const uploader = createSegmentsUploader({
    target,
    now: () => NOON,
    onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  })
  const read = () => JSON.parse(target.read(KEY) ?? '{"profiles":[]}').profiles
  return { target, uploader, diagnostics, read }
}

export const profile = (id: unknown, segments: unknown = ['a']) => ({
  traits: { smi_uid: id },
  segments,
})
