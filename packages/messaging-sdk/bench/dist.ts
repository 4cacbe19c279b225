/** The built doors, as a user installs them; typed by the sources. */
const load = async <T>(door: string): Promise<T> =>
  (await import(new URL(`../dist/${door}/index.js`.replace('/./', '/'), import.meta.url).href)) as T

export const root = await load<typeof import('../src/index.ts')>('.')
export const http = await load<typeof import('../src/http/index.ts')>('http')
export const sqlite = await load<typeof import('../src/sqlite/index.ts')>('sqlite')
export const nats = await load<typeof import('../src/nats/index.ts')>('nats')
export const whatsapp = await load<typeof import('../src/whatsapp/index.ts')>('whatsapp')
