import { createExpressExtension } from './express-extension.ts'

export type {
  CompatCallback,
  CompatConfiguration,
  CompatPreset,
  CompatServerConfiguration,
} from './compat-configuration.ts'
export type { CompatHandler } from './compat-handler.ts'
export { createHandler } from './compat-handler.ts'
export type { ExpressExtension } from './express-extension.ts'
export { createExpressExtension } from './express-extension.ts'
export type { CompatFailure } from './extension.ts'
export { Extension } from './extension.ts'

// The names of the original take no handle, so the one server they mean has to be kept somewhere.
const shared = createExpressExtension()

/** Starts the one server of this process. For several, see {@link createExpressExtension}. */
export const createServer = shared.createServer
/** Stops the server that {@link createServer} started. */
export const stopServer = shared.stopServer
