import type { Verdict } from './finding.ts'

// Where neither a status nor a code tells, the name and the words must: browsers and Node's fetch say only in words
// that and why a request failed, and JSON.parse has no code for text that came from the other side.
const TABLE: readonly (readonly [name: RegExp, message: RegExp, Verdict])[] = [
  [/^HTTPParserError$/, /^/, { kind: 'permanent', code: 'PROTOCOL', outcome: 'unknown' }],
  [
    /^Error$/,
    /^(?:bad port|unknown scheme|invalid method|not implemented\.\.\. yet\.\.\.|URL scheme must be .*)$/i,
    { kind: 'permanent', code: 'CONFIG_INVALID', outcome: 'not_sent' },
  ],
  [
    /^Error$/,
    /^(?:redirect count exceeded|unexpected redirect)$/,
    { kind: 'permanent', code: 'PROTOCOL', outcome: 'unknown' },
  ],
  [
    /^TypeError$/,
    /^(?:fetch failed|failed to fetch|load failed|terminated|network request failed|networkerror when )/i,
    { kind: 'transient', code: 'NETWORK', outcome: 'unknown' },
  ],
  [/^SyntaxError$/, /\bJSON\b/, { kind: 'permanent', code: 'PROTOCOL' }],
]

/** The verdict on an error that has nothing but a name and a message. */
export function verdictOfWords(name: string, message: string): Verdict | undefined {
  return TABLE.find(([names, messages]) => names.test(name) && messages.test(message))?.[2]
}
