/** Makes one datasource: a class, or a function that returns it. Called once for each service. */
export type DatasourceConstructor = (new () => object) | (() => object)

/** Datasources by name. */
export type DatasourceConstructorRegistry = Record<string, DatasourceConstructor>

/** What the hooks see as `ctx.datasources`. */
export type DatasourceInstanceTypes<Registry extends DatasourceConstructorRegistry> = {
  [Name in keyof Registry]: Registry[Name] extends new () => infer Instance
    ? Instance
    : Registry[Name] extends () => infer Instance
      ? Instance
      : never
}

/** Live datasources, and how they end. */
export interface Datasources {
  instances: Record<string, object>
  /** Disposes each once, the last first; `Symbol.asyncDispose`, `Symbol.dispose` or `close()`. */
  close: () => Promise<void>
}

/** Creates every datasource. When one fails the ones before it are disposed. */
export function createDatasources(registry: DatasourceConstructorRegistry = {}): Datasources {
  const instances: Record<string, object> = {}
  try {
    for (const [name, make] of Object.entries(registry)) {
      if (typeof make !== 'function') {
        throw new TypeError(
          `datasources.${name} must be a class or a function, but is ${typeof make}`,
        )
      }
      instances[name] = create(make)
    }
  } catch (error) {
    void disposeAll(instances).catch(() => {})
    throw error
  }
  let closing: Promise<void> | undefined
  return {
    instances,
    close: () => {
      closing ??= disposeAll(instances)
      return closing
    },
  }
}

async function disposeAll(instances: Record<string, object>): Promise<void> {
  const failures: unknown[] = []
  for (const instance of Object.values(instances).reverse()) {
    await dispose(instance).catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw new AggregateError(failures, 'A datasource could not be disposed')
}

function create(make: DatasourceConstructor): object {
  return isClass(make) ? new make() : make()
}

function isClass(make: DatasourceConstructor): make is new () => object {
  return /^class\b/.test(Function.prototype.toString.call(make))
}

async function dispose(instance: object): Promise<void> {
  const candidate = instance as Partial<AsyncDisposable & Disposable & { close: () => unknown }>
  const end = candidate[Symbol.asyncDispose] ?? candidate[Symbol.dispose] ?? candidate.close
  await end?.call(candidate)
}
