// `node bench/memory.ts`: ten million profiles into one day, over a store that keeps sizes and no bytes.
import { createSegmentsUploader, type SegmentTarget } from '@mortise/segments-uploader'
import { profileOf } from './bench-bucket.ts'

const PROFILES = 10_000_000
const CALLERS = 5_000
const MIB = 1024 * 1024

interface Known {
  etag: string
  sizeBytes: number
  metadata?: Readonly<Record<string, string>> | undefined
}

/** Conditions, versions and metadata as on S3; the bytes go nowhere. */
function createSizeOnlyTarget(): SegmentTarget {
  const known = new Map<string, Known>()
  let version = 0
  const write = (request: Parameters<SegmentTarget['put']>[0], sizeBytes: number) => {
    const { key, ifMatch, ifNoneMatch, metadata } = request
    const found = known.get(key)?.etag
    if ((ifNoneMatch && found) || (ifMatch !== undefined && ifMatch !== found)) {
      return Promise.reject(refused())
    }
    version += 1
    known.set(key, { etag: String(version), sizeBytes, metadata })
    return Promise.resolve({ etag: String(version) })
  }
  return {
    capabilities: { conditionalWrites: true, compose: { minPartBytes: 5 * MIB } },
    put: (request) => write(request, request.sizeBytes ?? (request.body as Uint8Array).length),
    compose: ({ parts, ...request }) => {
      const sizes = parts.map((part) =>
        'body' in part ? part.body.length : (part.range?.end ?? -1) + 1,
      )
      const size = sizes.reduce((sum, bytes) => sum + bytes, 0)
      return write({ ...request, body: new Uint8Array(0) }, size)
    },
    stat: ({ key }) => Promise.resolve(known.get(key) ?? null),
    get: () => Promise.reject(new Error('nothing is kept')),
    list: async function* () {},
    delete: () => Promise.resolve(),
  }
}

function refused(): Error {
  return Object.assign(new Error('refused'), { status: 412 })
}

const uploader = createSegmentsUploader({
  target: createSizeOnlyTarget(),
  now: () => Date.UTC(2026, 10, 21, 12),
})
let next = 0
let peak = 0
let shown = 0
const report = () => {
  peak = Math.max(peak, process.memoryUsage.rss())
}
const timer = setInterval(report, 50)
const begin = performance.now()
await Promise.all(
  Array.from({ length: CALLERS }, async () => {
    while (next < PROFILES) {
      const { smi_uid, segments } = profileOf(next++)
      await uploader.upload({ traits: { smi_uid }, segments })
      if (next >= shown + 1_000_000) {
        shown += 1_000_000
        report()
        console.log(`${next / 1e6} million: peak ${Math.round(peak / MIB)} MiB`)
      }
    }
  }),
)
clearInterval(timer)
console.log(`${Math.round(PROFILES / ((performance.now() - begin) / 1000))} events/s`)
await uploader.close()
