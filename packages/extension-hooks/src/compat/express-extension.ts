import type { Server } from 'node:http'
import type { HookHost } from '../hook-host.ts'
import type { HookLogger } from '../hook-logger.ts'
import { isSample, MIN_TOKEN_LENGTH } from '../http/authorize.ts'
import {
  type CompatCallback,
  type CompatServerConfiguration,
  findConfigurationError,
} from './compat-configuration.ts'
import { compatError } from './compat-errors.ts'
import { createCompatListener } from './compat-listener.ts'
import { createCompatHost } from './extension.ts'

/** One server of the original's Express package. */
export interface ExpressExtension {
  /** Loads the configuration and starts a server; calls back when it listens, or with what went wrong. */
  createServer: (config: CompatServerConfiguration, callback: CompatCallback) => void
  /** Stops it: running calls finish, idle connections are closed. */
  stopServer: (callback: CompatCallback) => void
}

const PORT = 80
const TIMEOUT_MS = 315_000
const KEEP_ALIVE_TIMEOUT_MS = 301_000
const HEADERS_TIMEOUT_MS = 305_000
/** After this long the connections of calls that do not end are cut. */
const STOP_DEADLINE_MS = 30_000
/** How long the last answers may take to leave once every call has ended. */
const LAST_BYTES_MS = 1_000

/** Makes a server that shares nothing with other ones. */
export function createExpressExtension(): ExpressExtension {
  let running: RunningServer | undefined
  const stopServer = (callback: CompatCallback) => {
    const stopping = running
    if (stopping === undefined) {
      callback(compatError('serverMissing'))
      return
    }
    void stopOnce(stopping).then(() => {
      if (running === stopping) running = undefined
      process.nextTick(callback)
    })
  }
  return {
    createServer: (config, callback) => {
      const problem = running === undefined ? findServerError(config) : compatError('serverTwice')
      if (problem !== undefined) {
        callback(problem)
        return
      }
      const logger = config.logger ?? fromWinston(config.winstonInstance)
      running = start({ ...config, logger }, (error) => {
        // A port that cannot be used leaves nothing behind: the next createServer starts afresh.
        if (error !== undefined) running = undefined
        callback(...(error === undefined ? [] : [error]))
      })
    },
    stopServer,
  }
}

interface RunningServer {
  readonly server: Server
  readonly host: HookHost
  /** Settles when it has stopped; set when it began to. */
  stopped?: Promise<void>
}

function findServerError(config: CompatServerConfiguration): Error | undefined {
  const { systemToken } = config ?? {}
  return (
    findConfigurationError(config) ??
    (systemToken && systemToken.length > 0 ? undefined : compatError('tokenMissing'))
  )
}

function start(config: CompatServerConfiguration, ready: (error?: Error) => void): RunningServer {
  const host = createCompatHost(config)
  // Not imported: a Lambda function comes through this door as well, and HTTP would cost its cold start 40 ms.
  const http = process.getBuiltinModule('node:http')
  const server: Server = http.createServer(
    createCompatListener({
      host,
      config,
      stopServer: () => void stopOnce(running),
      countConnections: () => countConnections(server),
    }),
  )
  const running: RunningServer = { server, host }
  server.timeout = config.timeout ?? TIMEOUT_MS
  server.keepAliveTimeout = config.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT_MS
  server.headersTimeout = config.headersTimeout ?? HEADERS_TIMEOUT_MS
  if (config.maxSockets !== undefined) {
    http.globalAgent.maxSockets = config.maxSockets
    process.getBuiltinModule('node:https').globalAgent.maxSockets = config.maxSockets
  }
  server.once('error', ready)
  server.listen(config.port ?? PORT, config.hostname, () => {
    server.off('error', ready)
    tellWhatIsSofter(config)
    ready()
  })
  return running
}

/** However many ask, and whether through the code or through `/stopServer`: it stops once, and all of them hear of it. */
function stopOnce(running: RunningServer): Promise<void> {
  running.stopped ??= stop(running)
  return running.stopped
}

async function stop({ server, host }: RunningServer): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  await host.close({ deadlineMs: STOP_DEADLINE_MS })
  const cut = setTimeout(() => server.closeAllConnections(), LAST_BYTES_MS)
  server.closeIdleConnections()
  await closed
  clearTimeout(cut)
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error ? 0 : count))
  })
}

/** Compatibility holds some defaults back; whoever runs it should know which. */
function tellWhatIsSofter({
  logger,
  preset,
  systemToken,
  hostname,
}: CompatServerConfiguration): void {
  const tokens = typeof systemToken === 'string' ? [systemToken] : (systemToken ?? [])
  const softer = [
    tokens.some((token) => token.length < MIN_TOKEN_LENGTH || isSample(token)) &&
      'a token that is short or looks like a sample',
    hostname === undefined && 'listening on all addresses',
    preset === 'original' &&
      'tokens in body and query, limits raised by callers, open admin routes',
  ].filter((text) => text !== false)
  if (softer.length > 0)
    logger?.warn(
      { event: 'compat-held-back', softer },
      'compatibility holds hardened defaults back',
    )
}

/** Winston's first versions take the text first and know no objects before it. */
function fromWinston(
  winston: CompatServerConfiguration['winstonInstance'],
): HookLogger | undefined {
  if (winston === undefined || winston === null) return undefined
  return {
    info: (fields, message) => winston.info(message ?? '', fields),
    warn: (fields, message) => (winston.warn ?? winston.info).call(winston, message ?? '', fields),
  }
}
