import type { Verdict } from './finding.ts'

type Row = Verdict & { reason: string }

const row = (
  reason: string,
  kind: Verdict['kind'],
  code: Verdict['code'],
  outcome: Verdict['outcome'] = 'rejected',
): Row => ({ reason, kind, code, outcome })

/**
 * What a status means without looking further. `unknown` where the request may have been carried out before
 * the answer got lost; the 52x are Cloudflare's, of which 521 to 523, 525 and 526 never reached the origin.
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
const STATUS_TABLE: Readonly<Record<number, Row>> = {
  400: row('Bad Request', 'permanent', 'INPUT_INVALID'),
  401: row('Unauthorized', 'auth', 'CREDENTIAL_INVALID'),
  402: row('Payment Required', 'permanent', 'QUOTA_EXHAUSTED'),
  403: row('Forbidden', 'auth', 'PERMISSION_DENIED'),
  404: row('Not Found', 'permanent', 'NOT_FOUND'),
  405: row('Method Not Allowed', 'permanent', 'BUG'),
  406: row('Not Acceptable', 'permanent', 'PROTOCOL'),
  407: row('Proxy Authentication Required', 'permanent', 'CONFIG_INVALID'),
  408: row('Request Timeout', 'transient', 'TIMEOUT'),
  409: row('Conflict', 'permanent', 'CONFLICT'),
  410: row('Gone', 'permanent', 'NOT_FOUND'),
  411: row('Length Required', 'permanent', 'PROTOCOL'),
  412: row('Precondition Failed', 'permanent', 'CONFLICT'),
  413: row('Content Too Large', 'permanent', 'INPUT_INVALID'),
  414: row('URI Too Long', 'permanent', 'INPUT_INVALID'),
  415: row('Unsupported Media Type', 'permanent', 'PROTOCOL'),
  416: row('Range Not Satisfiable', 'permanent', 'INPUT_INVALID'),
  422: row('Unprocessable Content', 'permanent', 'INPUT_INVALID'),
  423: row('Locked', 'transient', 'CONFLICT'),
  425: row('Too Early', 'transient', 'UNAVAILABLE'),
  429: row('Too Many Requests', 'rate_limit', 'RATE_LIMITED'),
  431: row('Request Header Fields Too Large', 'permanent', 'INPUT_INVALID'),
  451: row('Unavailable For Legal Reasons', 'permanent', 'PERMISSION_DENIED'),
  500: row('Internal Server Error', 'transient', 'UNAVAILABLE', 'unknown'),
  501: row('Not Implemented', 'permanent', 'PROTOCOL'),
  502: row('Bad Gateway', 'transient', 'UNAVAILABLE', 'unknown'),
  503: row('Service Unavailable', 'transient', 'UNAVAILABLE', 'unknown'),
  504: row('Gateway Timeout', 'transient', 'TIMEOUT', 'unknown'),
  505: row('HTTP Version Not Supported', 'permanent', 'PROTOCOL'),
  520: row('Unknown Origin Error', 'transient', 'UNAVAILABLE', 'unknown'),
  521: row('Origin Is Down', 'transient', 'UNAVAILABLE'),
  522: row('Origin Connection Timed Out', 'transient', 'TIMEOUT'),
  523: row('Origin Is Unreachable', 'transient', 'NETWORK'),
  524: row('Origin Timed Out', 'transient', 'TIMEOUT', 'unknown'),
  525: row('Origin TLS Handshake Failed', 'transient', 'NETWORK'),
  526: row('Origin Certificate Invalid', 'transient', 'NETWORK'),
  527: row('Origin Connection Error', 'transient', 'NETWORK', 'unknown'),
  529: row('Overloaded', 'transient', 'UNAVAILABLE'),
}

const OTHER_CLIENT_ERROR = row('Client Error', 'permanent', 'INPUT_INVALID')
const OTHER_SERVER_ERROR = row('Server Error', 'transient', 'UNAVAILABLE', 'unknown')
const NO_ANSWER = row('No Answer', 'transient', 'NETWORK', 'unknown')
const NO_HTTP_STATUS = row('Not an HTTP Status', 'permanent', 'PROTOCOL', 'unknown')
const RULE_ONLY = row('Error in the Body', 'permanent', 'PROTOCOL', 'rejected')

/** The row of a status from 400 up, or of 0 (what a browser gives for a network error). */
export function statusRow(status: number): Row {
  const known = STATUS_TABLE[status]
  if (known) return known
  if (status === 0) return NO_ANSWER
  if (status >= 400 && status < 500) return OTHER_CLIENT_ERROR
  if (status >= 500 && status < 600) return OTHER_SERVER_ERROR
  return status >= 100 && status < 400 ? RULE_ONLY : NO_HTTP_STATUS
}
