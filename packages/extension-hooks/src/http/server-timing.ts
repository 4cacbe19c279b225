import type { CallReport } from '../call-report.ts'

/**
 * The value of a `Server-Timing` header.
 * @see https://www.w3.org/TR/server-timing/
 */
export function serverTiming(report: CallReport): string {
  const entry = (name: string, ms: number) => `${name};dur=${ms.toFixed(2)}`
  return [
    entry('queue', report.queueMs),
    entry('parse', report.parseMs),
    entry('run', report.runMs),
    entry('check', report.checkMs),
    entry('encode', report.encodeMs),
  ].join(', ')
}
