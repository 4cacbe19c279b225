import type { Verdict } from './finding.ts'

type Row = Verdict & { reason: string }

/** Reason, kind, code, and whether the request was carried out; `rejected` where it is left out. */
type Entry = readonly [string, Verdict['kind'], Verdict['code'], Verdict['outcome']?]

/**
 * What a status means without looking further. `unknown` where the request may have been carried out before
 * the answer got lost; the 52x are Cloudflare's, of which 521 to 523, 525 and 526 never reached the origin.
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
const STATUS_TABLE: Readonly<Record<number, Entry>> = {
  400: ['Bad Request', 'permanent', 'INPUT_INVALID'],
  401: ['Unauthorized', 'auth', 'CREDENTIAL_INVALID'],
  402: ['Payment Required', 'permanent', 'QUOTA_EXHAUSTED'],
  403: ['Forbidden', 'auth', 'PERMISSION_DENIED'],
  404: ['Not Found', 'permanent', 'NOT_FOUND'],
  405: ['Method Not Allowed', 'permanent', 'BUG'],
  406: ['Not Acceptable', 'permanent', 'PROTOCOL'],
  407: ['Proxy Authentication Required', 'permanent', 'CONFIG_INVALID'],
  408: ['Request Timeout', 'transient', 'TIMEOUT'],
  409: ['Conflict', 'permanent', 'CONFLICT'],
  410: ['Gone', 'permanent', 'NOT_FOUND'],
  411: ['Length Required', 'permanent', 'PROTOCOL'],
  412: ['Precondition Failed', 'permanent', 'CONFLICT'],
  413: ['Content Too Large', 'permanent', 'INPUT_INVALID'],
  414: ['URI Too Long', 'permanent', 'INPUT_INVALID'],
  415: ['Unsupported Media Type', 'permanent', 'PROTOCOL'],
  416: ['Range Not Satisfiable', 'permanent', 'INPUT_INVALID'],
  422: ['Unprocessable Content', 'permanent', 'INPUT_INVALID'],
  423: ['Locked', 'transient', 'CONFLICT'],
  425: ['Too Early', 'transient', 'UNAVAILABLE'],
  429: ['Too Many Requests', 'rate_limit', 'RATE_LIMITED'],
  431: ['Request Header Fields Too Large', 'permanent', 'INPUT_INVALID'],
  451: ['Unavailable For Legal Reasons', 'permanent', 'PERMISSION_DENIED'],
  500: ['Internal Server Error', 'transient', 'UNAVAILABLE', 'unknown'],
  501: ['Not Implemented', 'permanent', 'PROTOCOL'],
  502: ['Bad Gateway', 'transient', 'UNAVAILABLE', 'unknown'],
  503: ['Service Unavailable', 'transient', 'UNAVAILABLE', 'unknown'],
  504: ['Gateway Timeout', 'transient', 'TIMEOUT', 'unknown'],
  505: ['HTTP Version Not Supported', 'permanent', 'PROTOCOL'],
  520: ['Unknown Origin Error', 'transient', 'UNAVAILABLE', 'unknown'],
  521: ['Origin Is Down', 'transient', 'UNAVAILABLE'],
  522: ['Origin Connection Timed Out', 'transient', 'TIMEOUT'],
  523: ['Origin Is Unreachable', 'transient', 'NETWORK'],
  524: ['Origin Timed Out', 'transient', 'TIMEOUT', 'unknown'],
  525: ['Origin TLS Handshake Failed', 'transient', 'NETWORK'],
  526: ['Origin Certificate Invalid', 'transient', 'NETWORK'],
  527: ['Origin Connection Error', 'transient', 'NETWORK', 'unknown'],
  529: ['Overloaded', 'transient', 'UNAVAILABLE'],
}

const OTHER_CLIENT_ERROR: Entry = ['Client Error', 'permanent', 'INPUT_INVALID']
const OTHER_SERVER_ERROR: Entry = ['Server Error', 'transient', 'UNAVAILABLE', 'unknown']
const NO_ANSWER: Entry = ['No Answer', 'transient', 'NETWORK', 'unknown']
const NO_HTTP_STATUS: Entry = ['Not an HTTP Status', 'permanent', 'PROTOCOL', 'unknown']
const RULE_ONLY: Entry = ['Error in the Body', 'permanent', 'PROTOCOL', 'rejected']

/** The row of a status from 400 up, or of 0 (what a browser gives for a network error). */
export function statusRow(status: number): Row {
  const [reason, kind, code, outcome = 'rejected'] = STATUS_TABLE[status] ?? otherEntry(status)
  return { reason, kind, code, outcome }
}

function otherEntry(status: number): Entry {
  if (status === 0) return NO_ANSWER
  if (status >= 400 && status < 500) return OTHER_CLIENT_ERROR
  if (status >= 500 && status < 600) return OTHER_SERVER_ERROR
  return status >= 100 && status < 400 ? RULE_ONLY : NO_HTTP_STATUS
}
