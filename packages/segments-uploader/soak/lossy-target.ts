import { TransientError } from '@mortise/errors'
import type { SegmentTarget } from '@mortise/segments-uploader'
import { type FaultRates, pickFault } from './faults.ts'

/** What the proxy does to S3, done to any target: requests get lost before, and answers after the store did it. */
export function lossyTarget(inner: SegmentTarget, rates: FaultRates): SegmentTarget {
  const suffer = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    const fault = pickFault(rates)
    if (fault === 'cutBefore' || fault === 'slowDown') throw lost()
    const result = await request()
    if (fault) throw lost()
    return result
  }
  return {
    capabilities: inner.capabilities,
    put: (request) => suffer(() => inner.put(request)),
    get: (request) => (pickFault(rates) ? Promise.reject(lost()) : inner.get(request)),
    stat: (request) => suffer(() => inner.stat(request)),
    compose: (request) => suffer(() => inner.compose(request)),
    delete: (request) => suffer(() => inner.delete(request)),
    list: inner.list,
  }
}

function lost(): TransientError {
  return new TransientError('The answer was lost', { code: 'SOAK_ANSWER_LOST', outcome: 'unknown' })
}
