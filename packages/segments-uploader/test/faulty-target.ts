import { setImmediate as turn } from 'node:timers/promises'
import { TransientError } from '@mortise/errors'
import type { SegmentTarget } from '../src/index.ts'

/**
 * What happens to one request. `before`: it never arrives. `after`: it is done and the answer is lost. `ghost`: the
 * answer is lost first and the request is done later. `slow`: others get in between.
 */
export type Fault = 'none' | 'before' | 'after' | 'ghost' | 'slow'

export interface FaultyTarget {
  readonly target: SegmentTarget
  /** Resolves when no ghost walks any more. */
  readonly quiet: () => Promise<void>
}

/** Lets a script of faults happen to the requests that reach a target, one after the other. */
export function createFaultyTarget(inner: SegmentTarget, script: readonly Fault[]): FaultyTarget {
  const ghosts = new Set<Promise<unknown>>()
  let next = 0

  const suffer = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    const fault = script[next++] ?? 'none'
    if (fault === 'before') throw lost()
    if (fault === 'slow') await turns(7)
    if (fault === 'ghost') {
      const ghost: Promise<unknown> = turns(9)
        .then(request)
        .catch(() => {})
        .finally(() => ghosts.delete(ghost))
      ghosts.add(ghost)
      throw lost()
    }
    const result = await request()
    if (fault === 'after') throw lost()
    return result
  }

  return {
    target: {
      capabilities: inner.capabilities,
      put: (request) => suffer(() => inner.put(request)),
      get: (request) => suffer(() => inner.get(request)),
      stat: (request) => suffer(() => inner.stat(request)),
      compose: (request) => suffer(() => inner.compose(request)),
      delete: (request) => suffer(() => inner.delete(request)),
      list: inner.list,
    },
    quiet: async () => {
      while (ghosts.size > 0) await Promise.all(ghosts)
    },
  }
}

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn()
}

function lost(): TransientError {
  return new TransientError('The answer was lost', { code: 'TEST_ANSWER_LOST', outcome: 'unknown' })
}
