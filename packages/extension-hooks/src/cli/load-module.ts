import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ExtensionConfiguration } from '../define-extension.ts'
import { extensionOf } from '../load-extension.ts'
import { UsageError } from './cli-io.ts'

/** A loaded extension and where it came from. */
export interface LoadedModule {
  readonly path: string
  readonly namespace: object
  readonly extension: ExtensionConfiguration
}

/** Loads the module that a command names. @throws {UsageError} when there is none, or it exports no extension */
export async function loadModule(name: string | undefined): Promise<LoadedModule> {
  if (name === undefined) throw new UsageError('Name the module that exports the functions.')
  const path = resolve(name)
  let namespace: object
  try {
    namespace = (await import(pathToFileURL(path).href)) as object
  } catch (error) {
    throw new UsageError(
      `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  try {
    return { path, namespace, extension: extensionOf(namespace) }
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`, { cause: error })
  }
}
