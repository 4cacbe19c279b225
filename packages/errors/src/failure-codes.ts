import type { Verdict } from './finding.ts'
import { verdictTable } from './verdict-table.ts'

// What the `code` of an error means: Node's system and TLS codes, undici's, axios's.
// Connecting comes before sending, so a failure to connect, to resolve or to agree on TLS has sent nothing.
const VERDICTS = /* @__PURE__ */ verdictTable([
  [
    { kind: 'transient', code: 'NETWORK', outcome: 'not_sent' },
    `ECONNREFUSED ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN EADDRNOTAVAIL
     ENODATA ESERVFAIL EREFUSED ENONAME ECONNREFUSED UND_ERR_DESTROYED UND_ERR_CLOSED UND_ERR_PRX_TLS UND_ERR_PRX_CONN
     UND_ERR_BPL_MISSING_UPSTREAM UND_ERR_MAX_ORIGINS_REACHED UND_ERR_SOCKS5 ERR_PROXY_TUNNEL ERR_INTERNET_DISCONNECTED
     ERR_NAME_NOT_RESOLVED ConnectionRefused FailedToOpenSocket`,
  ],
  [
    { kind: 'transient', code: 'TIMEOUT', outcome: 'not_sent' },
    'UND_ERR_CONNECT_TIMEOUT ETIMEOUT ERR_SOCKET_CONNECTION_TIMEOUT ERR_TLS_HANDSHAKE_TIMEOUT',
  ],
  [
    { kind: 'transient', code: 'NETWORK', outcome: 'unknown' },
    `ECONNRESET EPIPE ENETRESET ENOTCONN ENOTSOCK ESHUTDOWN ERR_NETWORK UND_ERR_SOCKET UND_ERR_REQ_RETRY
     UND_ERR_RES_CONTENT_LENGTH_MISMATCH ERR_STREAM_PREMATURE_CLOSE ERR_HTTP2_STREAM_ERROR ERR_HTTP2_SESSION_ERROR
     ERR_HTTP2_INVALID_SESSION ERR_HTTP2_STREAM_CANCEL ERR_HTTP2_GOAWAY_SESSION ERR_SOCKET_CLOSED ConnectionClosed`,
  ],
  [
    { kind: 'transient', code: 'TIMEOUT', outcome: 'unknown' },
    `ETIMEDOUT ESOCKETTIMEDOUT ECONNABORTED UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT ERR_HTTP_REQUEST_TIMEOUT
     ERR_SOCKET_TIMEOUT ERR_HTTP_SOCKET_TIMEOUT`,
  ],
  [
    { kind: 'transient', code: 'ABORTED', outcome: 'unknown' },
    'ABORT_ERR ECANCELED ERR_CANCELED UND_ERR_ABORTED UND_ERR_ABORT',
  ],
  [
    { kind: 'permanent', code: 'CONFIG_INVALID', outcome: 'not_sent' },
    `CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_REVOKED CERT_UNTRUSTED CERT_REJECTED CERT_SIGNATURE_FAILURE
     CERT_CHAIN_TOO_LONG DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE
     UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY INVALID_CA HOSTNAME_MISMATCH
     ERR_TLS_CERT_ALTNAME_INVALID ERR_INVALID_URL ERR_INVALID_PROTOCOL ERR_UNSUPPORTED_PROTOCOL`,
  ],
  [
    { kind: 'permanent', code: 'PROTOCOL', outcome: 'not_sent' },
    'EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_UNSUPPORTED_PROTOCOL ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  ],
  [
    { kind: 'permanent', code: 'PROTOCOL', outcome: 'unknown' },
    `UND_ERR_HTTP_PARSER UND_ERR_HEADERS_OVERFLOW UND_ERR_RES_EXCEEDED_MAX_SIZE UND_ERR_REDIRECT_MAX
     UND_ERR_WS_MESSAGE_SIZE_EXCEEDED ERR_FR_TOO_MANY_REDIRECTS ERR_BAD_RESPONSE ERR_CONTENT_LENGTH_MISMATCH
     ERR_ENCODING_INVALID_ENCODED_DATA Z_DATA_ERROR Z_BUF_ERROR`,
  ],
  [
    { kind: 'permanent', code: 'BUG', outcome: 'not_sent' },
    `UND_ERR_INVALID_ARG UND_ERR_INVALID_RETURN_VALUE UND_ERR_NOT_SUPPORTED UND_ERR_REQ_CONTENT_LENGTH_MISMATCH
     ERR_BAD_OPTION ERR_BAD_OPTION_VALUE ERR_NOT_SUPPORT ERR_FR_MAX_BODY_LENGTH_EXCEEDED ERR_INVALID_CHAR
     ERR_INVALID_HTTP_TOKEN ERR_UNESCAPED_CHARACTERS ERR_HTTP_INVALID_HEADER_VALUE ERR_DEPRECATED`,
  ],
  // The file system. The permission is the process's, not the account's, so it is nobody's credential.
  [{ kind: 'permanent', code: 'NOT_FOUND' }, 'ENOENT ENOTDIR'],
  [{ kind: 'permanent', code: 'PERMISSION_DENIED' }, 'EACCES EPERM EROFS ERR_ACCESS_DENIED'],
  [{ kind: 'permanent', code: 'CONFLICT' }, 'EEXIST ENOTEMPTY'],
  [
    { kind: 'permanent', code: 'INPUT_INVALID' },
    'EISDIR ENAMETOOLONG ELOOP EINVAL EXDEV EFBIG ERR_FS_FILE_TOO_LARGE',
  ],
  [
    { kind: 'permanent', code: 'CONFIG_INVALID' },
    'EADDRINUSE MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND',
  ],
  [{ kind: 'transient', code: 'QUOTA_EXHAUSTED' }, 'ENOSPC EDQUOT'],
  [
    { kind: 'transient', code: 'UNAVAILABLE' },
    'EMFILE ENFILE ENOMEM ENOBUFS EAGAIN EBUSY EINTR EIO ETXTBSY ESTALE',
  ],
])

/** The TLS library has hundreds of reasons; each is a handshake that failed before anything was sent. */
const TLS_FAILURE: Verdict = { kind: 'transient', code: 'NETWORK', outcome: 'not_sent' }
/** llhttp's reasons for refusing an answer. */
const PARSER_FAILURE: Verdict = { kind: 'permanent', code: 'PROTOCOL', outcome: 'unknown' }

/** The verdict on an error's `code`; `undefined` for one that says nothing about who must act. */
export function verdictOfFailureCode(code: unknown): Verdict | undefined {
  if (typeof code !== 'string') return undefined
  const known = VERDICTS.get(code)
  if (known) return known
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return TLS_FAILURE
  return code.startsWith('HPE_') ? PARSER_FAILURE : undefined
}
