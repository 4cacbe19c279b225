/** How often what happens to a request, from 0 to 1. */
export interface FaultRates {
  /** The server does it and the answer is cut off. */
  cutAfter: number
  /** It never reaches the server. */
  cutBefore: number
  /** 503 SlowDown without asking the server. */
  slowDown: number
  /** 500 after the server did it. */
  lieAfter: number
}

export function pickFault(rates: FaultRates): keyof FaultRates | undefined {
  let left = Math.random()
  for (const fault of ['cutAfter', 'cutBefore', 'slowDown', 'lieAfter'] as const) {
    if (left < rates[fault]) return fault
    left -= rates[fault]
  }
  return undefined
}
