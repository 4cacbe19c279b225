import type { DownloadResult } from '@mortise/files-local'
import type { PutBody, StorageProvider } from '@mortise/files-remote'
import type { MediaAddress } from '@mortise/messaging-sdk'
import type { SegmentTarget } from '@mortise/segments-uploader'
import { expectTypeOf, test } from 'vitest'

// The packages do not know each other; these shapes must keep fitting all the same.

test('every storage provider is a target for segments', () => {
  expectTypeOf<StorageProvider>().toExtend<SegmentTarget>()
})

test('a finished download can be stored', () => {
  expectTypeOf<Pick<DownloadResult, 'path'>>().toExtend<PutBody>()
})

test('a resolved attachment can be downloaded', () => {
  expectTypeOf<MediaAddress['url']>().toExtend<string>()
  expectTypeOf<NonNullable<MediaAddress['headers']>>().toExtend<Readonly<Record<string, string>>>()
})
