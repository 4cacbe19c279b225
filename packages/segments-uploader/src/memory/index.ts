export { createMemorySegmentTarget, type MemorySegmentTarget } from './memory-segment-target.ts'
