// Prints how many milliseconds the imports of an empty module and of the package take in this fresh process.
const address = (path: string) => new URL(path, import.meta.url).href
await import(address('./empty.mjs?warm'))
const started = performance.now()
await import(address('./empty.mjs'))
const empty = performance.now()
await import(address('../dist/index.js'))
const loaded = performance.now()
process.stdout.write(JSON.stringify([empty - started, loaded - empty]))
