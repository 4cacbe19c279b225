/** A number of places; who finds none waits in line. */
export interface Slots {
  /** Resolves with the way to give the place back, or `undefined` when the signal came first. */
  take: (signal: AbortSignal) => Promise<(() => void) | undefined>
}

/** At most `count` at work at once. */
export function createSlots(count: number): Slots {
  let free = count
  const line: (() => void)[] = []
  const release = () => {
    const next = line.shift()
    if (next) next()
    else free++
  }
  return {
    take: (signal) => {
      if (signal.aborted) return Promise.resolve(undefined)
      if (free > 0) {
        free--
        return Promise.resolve(release)
      }
      return new Promise((resolve) => {
        const leave = () => {
          line.splice(line.indexOf(proceed), 1)
          resolve(undefined)
        }
        const proceed = () => {
          signal.removeEventListener('abort', leave)
          resolve(release)
        }
        signal.addEventListener('abort', leave, { once: true })
        line.push(proceed)
      })
    },
  }
}
