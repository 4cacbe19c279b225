import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Watchdog } from '../src/watchdog.ts'

const limits = { headersTimeoutMs: 5000, idleTimeoutMs: 10_000, minBytesPerSecond: 1000 }

describe('the watchdog', () => {
  let bites: unknown[]
  let watchdog: Watchdog

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    bites = []
    watchdog = new Watchdog(limits, (error) => bites.push(error))
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Bytes come every so often for so long. */
  function trickle(bytes: number, everyMs: number, forMs: number): void {
    for (let passed = 0; passed < forMs; passed += everyMs) {
      vi.advanceTimersByTime(everyMs)
      watchdog.heard(bytes)
    }
  }

  it('bites when headers do not come', () => {
    watchdog.wait('headers')
    vi.advanceTimersByTime(4999)
    expect(bites).toEqual([])
    vi.advanceTimersByTime(2)
    expect(bites).toMatchObject([{ details: { timeout: 'headers' } }])
  })

  it('bites when the body stands still, counted from the last byte', () => {
    watchdog.wait('body')
    trickle(100_000, 9000, 27_000)
    expect(bites).toEqual([])
    vi.advanceTimersByTime(10_001)
    expect(bites).toMatchObject([{ details: { timeout: 'idle' } }])
  })

  it('bites once when bytes come too slowly for a minute', () => {
    watchdog.wait('body')
    trickle(2, 1000, 59_000)
    expect(bites).toEqual([])
    trickle(2, 1000, 5000)
    expect(bites).toMatchObject([{ details: { timeout: 'speed' } }])
  })

  it('lets pass what is slow for a while but fast enough in all', () => {
    watchdog.wait('body')
    trickle(2, 1000, 50_000)
    trickle(100_000, 1000, 11_000)
    trickle(2000, 1000, 120_000)
    expect(bites).toEqual([])
  })

  it('does not count the time in which nobody waits', () => {
    watchdog.wait('body')
    for (let round = 0; round < 100; round += 1) {
      vi.advanceTimersByTime(10)
      watchdog.heard(1000)
      watchdog.rest()
      vi.advanceTimersByTime(60_000)
      watchdog.wait('body')
    }
    expect(bites).toEqual([])
    vi.advanceTimersByTime(10_001)
    expect(bites).toHaveLength(1)
  })

  it('sleeps when it is stopped, and has no timer left', () => {
    watchdog.wait('body')
    watchdog.stop()
    vi.advanceTimersByTime(100_000)
    expect(bites).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('never bites when its limits are 0', () => {
    const patient = new Watchdog(
      { headersTimeoutMs: 0, idleTimeoutMs: 0, minBytesPerSecond: 0 },
      (error) => bites.push(error),
    )
    patient.wait('headers')
    vi.advanceTimersByTime(1e9)
    patient.wait('body')
    vi.advanceTimersByTime(1e9)
    patient.heard(1)
    expect(bites).toEqual([])
  })
})
