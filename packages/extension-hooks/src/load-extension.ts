import { defineExtension, type ExtensionConfiguration } from './define-extension.ts'

/**
 * The extension that a module exports: as its default export or as its exports, as `{ diy }`, `{ connectors }`, or
 * the object of functions itself, as extension modules have always been written.
 * @throws {TypeError} when there is none of them
 */
export function extensionOf(namespace: object): ExtensionConfiguration {
  const exported: unknown = (namespace as { default?: unknown }).default ?? namespace
  const { diy, connectors } = (exported ?? {}) as Partial<Record<'diy' | 'connectors', unknown>>
  const isConfiguration = diy !== undefined || connectors !== undefined
  return defineExtension((isConfiguration ? exported : { diy: exported }) as ExtensionConfiguration)
}
