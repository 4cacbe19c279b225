/**
 * The functions of one integration: grouped (`{ hooks: { tidy } }`), flat (`{ tidy }`) or both. Class instances
 * and modules are welcome; a function is called with its group as `this`.
 */
// biome-ignore lint/suspicious/noExplicitAny: functions of any shape are welcome, and `unknown` would refuse class instances.
export type ExtensionModule = Readonly<Record<string, any>> | object

/** Either your own integration, or the connectors you publish by their id. Never both. */
export type ExtensionConfiguration =
  | { readonly diy: ExtensionModule; readonly connectors?: undefined }
  | { readonly connectors: Readonly<Record<string, ExtensionModule>>; readonly diy?: undefined }

/**
 * Declares what a host serves, and keeps its types for tests. The object is read at every call, so a reloaded
 * module may replace its members.
 * @throws {TypeError} when `diy` and `connectors` are both given or both missing, or hold no functions
 */
export function defineExtension<const T extends ExtensionConfiguration>(configuration: T): T {
  if (typeof configuration !== 'object' || configuration === null) {
    throw new TypeError(
      `defineExtension needs { diy } or { connectors }; received ${nameOf(configuration)}`,
    )
  }
  const { diy, connectors } = configuration
  if (diy !== undefined && connectors !== undefined) {
    throw new TypeError(
      'defineExtension needs either diy or connectors; received both: give each its own host',
    )
  }
  if (diy === undefined && connectors === undefined) {
    throw new TypeError('defineExtension needs { diy } or { connectors }; received neither')
  }
  if (diy !== undefined) requireModule('diy', diy)
  if (connectors !== undefined) {
    requireModule('connectors', connectors)
    for (const [id, module] of Object.entries(connectors))
      requireModule(`connectors["${id}"]`, module)
    if (Object.keys(connectors).length === 0)
      throw new TypeError('connectors holds no connector; add one under its _connectorId')
  }
  return configuration
}

function requireModule(name: string, value: unknown): void {
  const holds =
    (typeof value === 'object' && value !== null && !Array.isArray(value)) ||
    typeof value === 'function'
  if (!holds)
    throw new TypeError(
      `${name} must be an object of functions or of groups of functions; received ${nameOf(value)}`,
    )
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
